/** Limits of the events that wait. */
export interface MergeLimits {
  /** How long an event waits for earlier ones, in milliseconds. */
  readonly windowMs: number
  readonly events: number
  readonly bytes: number
}

interface Waiting {
  /** undefined: it has left. */
  chunk: Buffer | undefined
  /** Nanoseconds since 1970. */
  readonly time: bigint
  readonly arrivedAt: number
  /** Position among all events. */
  readonly order: number
}

/**
 * Puts the events of several sources in order of their time. An event waits for a while, because an
 * earlier one of another source may still arrive. Earlier ones than the last event that has left
 * are late: they leave immediately.
 */
export class EventMerge {
  readonly #limits: MergeLimits
  /** A binary heap by time. */
  readonly #heap: Waiting[] = []
  /** In order of arrival; those that have left are removed when they are first. */
  #arrivals: Waiting[] = []
  #firstArrival = 0
  #bytes = 0
  #order = 0
  #lastTime = 0n
  /** Number of events that came too late for their place. */
  late = 0

  constructor(limits: MergeLimits) {
    this.#limits = limits
  }

  /** @param time undefined: that of the last event @param now milliseconds */
  add(chunk: Buffer, time: bigint | undefined, now: number): void {
    if (time !== undefined && time < this.#lastTime) this.late++
    const order = this.#order++
    const event = { chunk, time: time ?? this.#lastTime, arrivedAt: now, order }
    this.#bytes += chunk.length
    this.#siftUp(event)
    this.#arrivals.push(event)
  }

  get size(): number {
    return this.#heap.length
  }

  get isFull(): boolean {
    return this.size >= this.#limits.events || this.#bytes >= this.#limits.bytes
  }

  /** Milliseconds until the next event leaves; infinite if there is none. */
  dueIn(now: number): number {
    const isLate = (this.#heap[0]?.time ?? this.#lastTime) < this.#lastTime
    if (isLate || this.isFull) return 0
    const oldest = this.#oldest()
    if (oldest === undefined) return Number.POSITIVE_INFINITY
    return Math.max(0, oldest.arrivedAt + this.#limits.windowMs - now)
  }

  /** The next event, if it has waited for long enough or the limits are reached. */
  take(now: number): Buffer | undefined {
    if (this.dueIn(now) > 0) return undefined
    const first = this.#pop()
    if (first?.chunk === undefined) return undefined
    const { chunk, time } = first
    // The arrivals list it until those that arrived earlier have left.
    first.chunk = undefined
    this.#bytes -= chunk.length
    if (time > this.#lastTime) this.#lastTime = time
    return chunk
  }

  #oldest(): Waiting | undefined {
    const all = this.#arrivals
    while (this.#firstArrival < all.length && all[this.#firstArrival].chunk === undefined) {
      this.#firstArrival++
    }
    // Moving the rest at every step would take quadratic time.
    if (this.#firstArrival > 1024 && this.#firstArrival * 2 > this.#arrivals.length) {
      this.#arrivals = this.#arrivals.slice(this.#firstArrival)
      this.#firstArrival = 0
    }
    return this.#arrivals[this.#firstArrival]
  }

  #siftUp(event: Waiting): void {
    const heap = this.#heap
    let at = heap.push(event) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (isBefore(heap[parent], event)) break
      heap[at] = heap[parent]
      at = parent
    }
    heap[at] = event
  }

  #pop(): Waiting | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return first
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child++
      if (child >= heap.length || isBefore(last, heap[child])) break
      heap[at] = heap[child]
      at = child
    }
    heap[at] = last
    return first
  }
}

function isBefore(a: Waiting, b: Waiting): boolean {
  return a.time === b.time ? a.order < b.order : a.time < b.time
}
