import type { EventKey, Process } from '@tetragon-ts/api'

/** Fields of an event that it uses. */
interface ProcessEvent {
  readonly key: EventKey
  readonly process?: Process
  readonly parent?: Process
  readonly ancestors?: readonly Process[]
}

/** Maximum number of ended processes that are kept: events of their children may arrive later. */
const endedLimit = 4096

/**
 * Tracks the descendants of some pids. Descendants start after the filter was made, so it must be
 * shown all events, in order: also those that other filters omit, such as the start of a
 * descendant. Ended processes are dropped.
 */
export class Descendants {
  readonly #pids: ReadonlySet<number>
  /** Exec ids, each with its pid. */
  readonly #known = new Map<string, number>()
  /** A process has an id for each program that it executed; all of them end with the process. */
  readonly #byPid = new Map<number, string[]>()
  /** Exec ids, oldest first. */
  readonly #ended = new Set<string>()

  constructor(pids: readonly number[]) {
    this.#pids = new Set(pids)
  }

  /** Adds running processes, such as those of the agent's cache. */
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
      this.#add(id, process.pid ?? 0)
      open.push(...(children.get(id) ?? []))
    }
  }

  /** Whether the event's process is one of the pids or a descendant. */
  has({ key, process, parent, ancestors }: ProcessEvent): boolean {
    if (process === undefined) return false
    const found =
      this.#belongs(process) ||
      // A parent that only forked has no event of its own before its end.
      (parent !== undefined && this.#belongs(parent)) ||
      (ancestors?.some((ancestor) => this.#isNamed(ancestor)) ?? false)
    if (found) {
      const { exec_id = '', pid = 0 } = process
      if (exec_id !== '') this.#add(exec_id, pid)
      if (key === 'process_exit') this.#end(pid)
    }
    return found
  }

  #belongs(process: Process): boolean {
    const { exec_id = '', parent_exec_id = '' } = process
    return this.#isNamed(process) || this.#isKnown(exec_id) || this.#isKnown(parent_exec_id)
  }

  #isNamed({ pid }: Process): boolean {
    return pid !== undefined && this.#pids.has(pid)
  }

  #isKnown(id: string): boolean {
    return this.#known.has(id) || this.#ended.has(id)
  }

  #add(id: string, pid: number): void {
    if (this.#known.has(id)) return
    this.#known.set(id, pid)
    const ids = this.#byPid.get(pid)
    if (ids === undefined) this.#byPid.set(pid, [id])
    else ids.push(id)
  }

  #end(pid: number): void {
    for (const id of this.#byPid.get(pid) ?? []) {
      this.#known.delete(id)
      this.#ended.add(id)
    }
    this.#byPid.delete(pid)
    for (const id of this.#ended) {
      if (this.#ended.size <= endedLimit) break
      this.#ended.delete(id)
    }
  }
}
