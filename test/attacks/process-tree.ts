/** A process in an event, as far as its position in the tree matters. */
interface ProcessJson {
  readonly exec_id?: string
  readonly parent_exec_id?: string
  readonly arguments?: string
  readonly binary?: string
}

/** An event as the agent exports it, as far as it is read here. */
export interface ActionEvent {
  /** `process_exec`, `process_kprobe`, … */
  readonly kind: string
  /** The process is the script of the action itself. */
  readonly ofScript: boolean
  /** Program and arguments of the process. */
  readonly command: string
  readonly policy?: string
  /** What the policy did: `KPROBE_ACTION_SIGKILL`. */
  readonly action?: string
  readonly findings: readonly ActionFinding[]
}

/** A finding, as far as it is read here. */
export interface ActionFinding {
  readonly title: string
  readonly level: string
  readonly techniques: readonly string[]
}

interface BodyJson {
  readonly process?: ProcessJson
  readonly parent?: ProcessJson
  readonly ancestors?: readonly ProcessJson[]
  readonly policy_name?: string
  readonly action?: string
}

interface ExportedLine {
  readonly findings?: readonly Partial<ActionFinding>[]
  readonly [kind: string]: unknown
}

/** Attributes exported events to actions by the process tree of their scripts. */
export class ProcessTrees {
  /** Ids of actions by the exec ids of their processes. */
  readonly #owners = new Map<string, string>()
  readonly #roots = new Set<string>()
  readonly #events = new Map<string, ActionEvent[]>()
  readonly #jobs: ReadonlyMap<string, string>

  /** @param jobs ids of actions by the paths of their scripts */
  constructor(jobs: ReadonlyMap<string, string>) {
    this.#jobs = jobs
  }

  /** Reads an exported line; they come in the order of the export. */
  add(line: string): void {
    const { findings: found = [], ...event } = JSON.parse(line) as ExportedLine
    const kind = Object.keys(event).find((key) => key.startsWith('process_'))
    if (kind === undefined) return
    const body = event[kind] as BodyJson
    const owner = this.#ownerOf(kind, body)
    if (owner === undefined) return
    const findings = found.map(({ title, level, techniques }) => ({
      title: title ?? '',
      level: level ?? 'informational',
      techniques: techniques ?? [],
    }))
    const { policy_name: policy, action, process } = body
    const ofScript = this.#roots.has(process?.exec_id ?? '')
    const command = `${process?.binary ?? ''} ${process?.arguments ?? ''}`.trim()
    this.#eventsOf(owner).push({ kind, ofScript, command, policy, action, findings })
  }

  /** The events of an action, so far. */
  of(id: string): readonly ActionEvent[] {
    return this.#events.get(id) ?? []
  }

  #ownerOf(kind: string, { process, parent, ancestors = [] }: BodyJson): string | undefined {
    const id = process?.exec_id
    if (process === undefined || id === undefined) return undefined
    const [word = ''] = (process.arguments ?? '').split(' ').slice(-1)
    const job = kind === 'process_exec' ? this.#jobs.get(word) : undefined
    if (job !== undefined && !this.#owners.has(id)) {
      // The script is started by a shell or another program with the same argument.
      this.#owners.set(id, job)
      this.#roots.add(id)
    }
    const line = [id, process.parent_exec_id, parent?.exec_id, ...ancestors.map((a) => a.exec_id)]
    const known = line.find((each) => each !== undefined && this.#owners.has(each))
    const owner = known === undefined ? undefined : this.#owners.get(known)
    if (owner !== undefined) this.#owners.set(id, owner)
    return owner
  }

  #eventsOf(id: string): ActionEvent[] {
    const events = this.#events.get(id) ?? []
    this.#events.set(id, events)
    return events
  }
}
