import type { Event, Process } from '@tetragon-ts/api'

/** A process with its children, the oldest first. */
export interface ProcessNode {
  readonly process: Process
  readonly isEnded: boolean
  readonly children: ProcessNode[]
}

interface Entry {
  readonly process: Process
  isEnded: boolean
}

/** Descent of processes, from an agent's cache or from events. */
export class ProcessTree {
  readonly #entries = new Map<string, Entry>()
  /** The current or last image of a pid. */
  readonly #latest = new Map<number, Entry>()

  /** Adds a process; replaces earlier information about it. */
  add(process: Process, isEnded: boolean): void {
    const { exec_id, pid } = process
    if (exec_id === undefined || exec_id === '') return
    const entry = { process, isEnded }
    this.#entries.set(exec_id, entry)
    const latest = pid === undefined ? undefined : this.#latest.get(pid)
    if (pid === undefined || (latest !== undefined && isEnded && !latest.isEnded)) return
    this.#latest.set(pid, entry)
  }

  /** Adds the processes of an event. */
  see({ key, body }: Event): void {
    const process = 'process' in body ? body.process : undefined
    const parent = 'parent' in body ? body.parent : undefined
    const before = this.#latest.get(process?.pid ?? -1)
    for (const other of [parent, process]) {
      if (other?.exec_id !== undefined && !this.#entries.has(other.exec_id)) this.add(other, false)
    }
    if (process?.exec_id === undefined) return
    if (key === 'process_exec') {
      // Another program in the same process: the previous image has ended.
      if (before !== undefined && before.process.exec_id !== process.exec_id) before.isEnded = true
      this.add(process, false)
    }
    if (key === 'process_exit') {
      const entry = this.#entries.get(process.exec_id)
      if (entry !== undefined) entry.isEnded = true
    }
  }

  /** The entry for children of this one: the current image of its process. */
  #current(entry: Entry): Entry {
    const { pid } = entry.process
    const latest = pid === undefined ? undefined : this.#latest.get(pid)
    const isSame = latest?.process.parent_exec_id === entry.process.parent_exec_id
    return entry.isEnded && latest !== undefined && isSame ? latest : entry
  }

  /**
   * Processes without a known parent, with their descendants.
   * @param isWanted others are omitted unless they have a descendant that is wanted
   */
  roots(isWanted: (process: Process, isEnded: boolean) => boolean): ProcessNode[] {
    const children = this.#childrenByParent()
    // Parents before their children; without recursion, since the tree in a log may be very deep.
    const order: { readonly entry: Entry; readonly above: number }[] = []
    const placed = new Set<Entry>()
    const place = (top: readonly Entry[]): void => {
      const open = top.map((entry) => ({ entry, above: -1 })).reverse()
      for (let next = open.pop(); next !== undefined; next = open.pop()) {
        if (placed.has(next.entry)) continue
        placed.add(next.entry)
        const above = order.push(next) - 1
        const below = sorted(children.get(next.entry) ?? []).reverse()
        open.push(...below.map((entry) => ({ entry, above })))
      }
    }
    place(sorted(children.get(undefined) ?? []))
    // In a log, processes may be their own ancestors.
    for (const siblings of children.values()) place(siblings)
    const roots: ProcessNode[] = []
    const kept = order.map(({ entry: { process, isEnded } }) => {
      return { process, isEnded, children: [] as ProcessNode[] }
    })
    for (let i = order.length - 1; i >= 0; i--) {
      const node = kept[i]
      node.children.reverse()
      if (node.children.length === 0 && !isWanted(node.process, node.isEnded)) continue
      const { above } = order[i]
      if (above < 0) roots.push(node)
      else kept[above].children.push(node)
    }
    return roots.reverse()
  }

  #childrenByParent(): Map<Entry | undefined, Entry[]> {
    const children = new Map<Entry | undefined, Entry[]>()
    for (const entry of this.#entries.values()) {
      if (this.#current(entry) !== entry) continue
      const parent = this.#entries.get(entry.process.parent_exec_id ?? '')
      const above = parent && this.#current(parent)
      const key = above === entry ? undefined : above
      const siblings = children.get(key)
      if (siblings === undefined) children.set(key, [entry])
      else siblings.push(entry)
    }
    return children
  }
}

function sorted(entries: readonly Entry[]): Entry[] {
  return [...entries].sort((a, b) => {
    const [one, two] = [a.process.start_time ?? '', b.process.start_time ?? '']
    return one < two ? -1 : one > two ? 1 : (a.process.pid ?? 0) - (b.process.pid ?? 0)
  })
}
