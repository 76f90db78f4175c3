import type { EventKey } from './event-type.ts'
import type { Process } from './messages/process.ts'

/** What it looks at in an event. */
interface ProcessEvent {
  readonly key: EventKey
  readonly process?: Process
  readonly parent?: Process
  readonly ancestors?: readonly Process[]
}

/**
 * Knows which processes descend from some pids, from the events that it is shown: all of them, in
 * their order. Those that end are forgotten.
 */
export class Descendants {
  readonly #pids: ReadonlySet<number>
  /** Exec ids. */
  readonly #known = new Set<string>()

  constructor(pids: readonly number[]) {
    this.#pids = new Set(pids)
  }

  /** Takes in processes that run already, such as those of the agent's cache. */
  addRunning(processes: readonly Process[]): void {
    const children = new Map<string, Process[]>()
    const open: Process[] = []
    for (const process of processes) {
      if (this.#isNamed(process)) open.push(process)
      const parent = process.parent_exec_id ?? ''
      const siblings = children.get(parent)
      if (siblings === undefined) children.set(parent, [process])
      else siblings.push(process)
    }
    for (let process = open.pop(); process !== undefined; process = open.pop()) {
      const id = process.exec_id
      if (id === undefined || id === '' || this.#known.has(id)) continue
      this.#known.add(id)
      open.push(...(children.get(id) ?? []))
    }
  }

  /** Whether the event's process is one of the pids or descends from one. */
  has({ key, process, parent, ancestors }: ProcessEvent): boolean {
    if (process === undefined) return false
    const id = process.exec_id ?? ''
    const found =
      this.#isNamed(process) ||
      this.#known.has(id) ||
      this.#known.has(process.parent_exec_id ?? '') ||
      (parent !== undefined && this.#isNamed(parent)) ||
      (ancestors?.some((ancestor) => this.#isNamed(ancestor)) ?? false)
    if (found && id !== '') {
      // Children name the image that forked them, and may show up after it has ended or executed
      // another one: then their own parent says that they belong here.
      if (key === 'process_exit') this.#known.delete(id)
      else this.#known.add(id)
    }
    return found
  }

  #isNamed({ pid }: Process): boolean {
    return pid !== undefined && this.#pids.has(pid)
  }
}
