/** Events that say the same. */
interface Group {
  readonly statement: string
  readonly execId: string
  /** The first of them, without the end of the line, in latin1. */
  readonly line: string
  readonly since: number
  count: number
}

/** How events are joined. */
export interface AggregationWindow {
  /** How long the first of them is held back, in milliseconds. */
  readonly windowMs: number
  /** So many different ones are held back at most. */
  readonly limit: number
}

const lineEnd = '}\n'

/**
 * Joins events of policies that say the same of the same process within a window of time, as the
 * server does for its clients: the first of them comes at the window's end, with their number.
 */
export class Aggregation {
  readonly #windowMs: number
  readonly #limit: number
  /** By what they say, in the order in which their windows end. */
  readonly #groups = new Map<string, Group>()
  readonly #byProcess = new Map<string, Set<Group>>()

  constructor({ windowMs, limit }: AggregationWindow) {
    this.#windowMs = windowMs
    this.#limit = limit
  }

  /**
   * Takes an event.
   * @param content all that it says, its process and its time aside
   * @param now milliseconds of a clock that never goes back
   * @param send gets the line of the oldest group if there are too many
   */
  add(
    execId: string,
    content: string,
    line: () => string,
    now: number,
    send: (line: string) => void,
  ): void {
    const statement = `${execId} ${content}`
    const known = this.#groups.get(statement)
    if (known !== undefined) {
      known.count++
      return
    }
    const group = {
      statement,
      execId,
      line: line().slice(0, -lineEnd.length),
      since: now,
      count: 1,
    }
    this.#groups.set(statement, group)
    const groups = this.#byProcess.get(execId)
    if (groups === undefined) this.#byProcess.set(execId, new Set([group]))
    else groups.add(group)
    if (this.#groups.size > this.#limit)
      for (const oldest of this.#groups.values()) return this.#release(oldest, send)
  }

  /** Hands over what was held back of a process: it ends. */
  sendOf(execId: string, send: (line: string) => void): void {
    for (const group of this.#byProcess.get(execId) ?? []) this.#release(group, send)
  }

  /** Hands over those whose window is over. */
  sendDue(now: number, send: (line: string) => void): void {
    for (const group of this.#groups.values()) {
      if (group.since + this.#windowMs > now) return
      this.#release(group, send)
    }
  }

  /** Milliseconds until a window is over; undefined if nothing is held back. */
  nextDue(now: number): number | undefined {
    for (const { since } of this.#groups.values()) return since + this.#windowMs - now
    return undefined
  }

  #release(group: Group, send: (line: string) => void): void {
    const { statement, execId, line, count } = group
    this.#groups.delete(statement)
    const groups = this.#byProcess.get(execId)
    groups?.delete(group)
    if (groups?.size === 0) this.#byProcess.delete(execId)
    const info = count > 1 ? `,"aggregation_info":{"count":"${count}"}` : ''
    send(`${line}${info}${lineEnd}`)
  }
}
