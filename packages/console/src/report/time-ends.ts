/** An event by its time, and its number for those of one millisecond. */
export interface TimedId {
  readonly time: number
  readonly id: number
}

/**
 * The first and the last events of many, by time: those of several nodes arrive in another order.
 * Its memory is bounded.
 */
export class TimeEnds {
  readonly #max: number
  readonly #first: TimedId[] = []
  readonly #last: TimedId[] = []
  #count = 0

  /** @param max number of events at each end */
  constructor(max: number) {
    this.#max = max
  }

  add(event: TimedId): void {
    this.#count++
    const first = this.#first
    if (first.length < this.#max || compare(event, first.at(-1)!) < 0) {
      insert(first, event)
      const displaced = first.length > this.#max ? first.pop() : undefined
      if (displaced === undefined) return
      this.#addLast(displaced)
    } else this.#addLast(event)
  }

  /** What is not among the first. */
  #addLast(event: TimedId): void {
    const last = this.#last
    if (last.length === this.#max && compare(event, last[0]) < 0) return
    insert(last, event)
    if (last.length > this.#max) last.shift()
  }

  get first(): readonly TimedId[] {
    return this.#first
  }

  get last(): readonly TimedId[] {
    return this.#last
  }

  /** Number of events between both. */
  get between(): number {
    return this.#count - this.#first.length - this.#last.length
  }
}

function compare(a: TimedId, b: TimedId): number {
  return a.time - b.time || a.id - b.id
}

/** Mostly at the end: events are nearly in order. */
function insert(sorted: TimedId[], event: TimedId): void {
  const before = sorted.findLastIndex((each) => compare(each, event) <= 0)
  sorted.splice(before + 1, 0, event)
}
