/** How often statuses are written. */
export interface Pace {
  /**
   * Watch events per second that all writes together may cause. Every agent watches every policy,
   * so that each write is an event for each node.
   */
  readonly eventsPerSecond: number
  /** Milliseconds between two writes, at least. */
  readonly spacingMinMs: number
  /** Milliseconds between two writes of the same policy, at least. */
  readonly repeatMinMs: number
}

/** With 5,000 nodes: a write in two seconds, and each policy once in ten seconds. */
export const defaultPace: Pace = { eventsPerSecond: 2500, spacingMinMs: 100, repeatMinMs: 1000 }

/** Spacings between two writes of the same policy: others have their turn in between. */
const repeatSpacings = 5

/** Decides when the status of which policy is written. */
export interface PacerRules {
  /** Number of agents that watch policies. */
  nodes(): number
  /** Whether the policy has precedence: its author has just changed it and waits for its status. */
  isUrgent(key: string): boolean
}

/** Keys of statuses that must be written, at a bounded rate. */
export class StatusPacer {
  readonly #rules: PacerRules
  readonly #write: (key: string) => void
  readonly #signal: AbortSignal
  readonly #pace: Pace
  /** In the order in which they were added. */
  readonly #waiting = new Set<string>()
  readonly #written = new Map<string, number>()
  #last = Number.NEGATIVE_INFINITY
  #wasUrgent = false
  #timer: NodeJS.Timeout | undefined
  /** When the timer ends. */
  #due = Number.POSITIVE_INFINITY

  /** @param signal ends it */
  constructor(
    rules: PacerRules,
    write: (key: string) => void,
    signal: AbortSignal,
    pace = defaultPace,
  ) {
    this.#pace = pace
    this.#rules = rules
    this.#write = write
    this.#signal = signal
    signal.addEventListener('abort', () => clearTimeout(this.#timer), { once: true })
  }

  get size(): number {
    return this.#waiting.size
  }

  add(key: string): void {
    if (this.#waiting.has(key) || this.#signal.aborted) return
    this.#waiting.add(key)
    this.#arm(this.#dueOf(key))
  }

  delete(key: string): void {
    this.#waiting.delete(key)
    this.#written.delete(key)
  }

  /** Milliseconds between two writes. */
  get #spacing(): number {
    const { eventsPerSecond, spacingMinMs } = this.#pace
    return Math.max((this.#rules.nodes() / eventsPerSecond) * 1000, spacingMinMs)
  }

  #dueOf(key: string): number {
    const repeat = Math.max(repeatSpacings * this.#spacing, this.#pace.repeatMinMs)
    const written = this.#written.get(key)
    return Math.max(this.#last + this.#spacing, written === undefined ? 0 : written + repeat)
  }

  /** Ends the wait at this time, unless it ends earlier. */
  #arm(due: number): void {
    if (due >= this.#due || this.#signal.aborted) return
    clearTimeout(this.#timer)
    this.#due = due
    const wait = Math.max(Math.ceil(due - performance.now()), 0)
    this.#timer = setTimeout(() => this.#next(), wait)
  }

  #next(): void {
    this.#due = Number.POSITIVE_INFINITY
    const now = performance.now()
    const due = [...this.#waiting].filter((key) => this.#dueOf(key) <= now)
    const isUrgent = (key: string) => this.#rules.isUrgent(key)
    const urgent = due.find(isUrgent)
    const other = due.find((key) => !isUrgent(key))
    // In turns: authors who change policies all the time must not stop the others.
    const key = this.#wasUrgent ? (other ?? urgent) : (urgent ?? other)
    if (key !== undefined) {
      this.#wasUrgent = key === urgent
      this.#waiting.delete(key)
      this.#written.set(key, now)
      this.#last = now
      this.#write(key)
    }
    let next = Number.POSITIVE_INFINITY
    for (const each of this.#waiting) next = Math.min(next, this.#dueOf(each))
    this.#arm(next)
  }
}
