/** Differences between clocks that are reported, in milliseconds. Delays explain smaller ones. */
const toleranceMs = 5000

interface NodeClock {
  /** The least delay of its events, negated: how far its clock is ahead of this one. */
  ahead: number
  /** The latest time of its events, and that time on the common clock. */
  latest: bigint
  corrected: bigint
}

/**
 * Compares the clocks of nodes by the times of their events. Without it, one clock that is ahead
 * would make the events of all other nodes late.
 */
export class NodeClocks {
  readonly #leadMs: number
  readonly #nodes = new Map<string, NodeClock>()
  /** How far the clocks are ahead, in order. */
  readonly #sorted: number[] = []
  readonly #reported = new Set<string>()
  readonly #report: (node: string, aheadMs: number) => void

  /**
   * @param leadMs how far a clock may be ahead uncorrected: less than events wait for each other
   * @param report is called once for each clock that is too far ahead of the others
   */
  constructor(leadMs: number, report: (node: string, aheadMs: number) => void) {
    this.#leadMs = leadMs
    this.#report = report
  }

  /**
   * The time of an event on the common clock: the median of all.
   * @param time nanoseconds since 1970
   * @param now milliseconds of a clock that never jumps
   */
  correct(node: string, time: bigint, now: number): bigint {
    const clock = this.#clockOf(node, time, now)
    const difference = clock.ahead - this.#common
    // A clock that seems to be behind may belong to a node whose events are delayed.
    if (difference > toleranceMs && !this.#reported.has(node)) {
      this.#reported.add(node)
      this.#report(node, difference)
    }
    const isRight = difference <= this.#leadMs && difference >= -toleranceMs
    const shifted = isRight ? time : time - BigInt(Math.round(difference)) * 1_000_000n
    if (time < clock.latest) return shifted
    clock.latest = time
    // The common clock changes, the order of the events of a node does not.
    if (shifted > clock.corrected) clock.corrected = shifted
    return clock.corrected
  }

  #clockOf(node: string, time: bigint, now: number): NodeClock {
    const ahead = Number(time / 1_000_000n) - now
    const known = this.#nodes.get(node)
    if (known === undefined) {
      const clock = { ahead, latest: 0n, corrected: 0n }
      this.#nodes.set(node, clock)
      this.#sorted.splice(positionOf(ahead, this.#sorted), 0, ahead)
      return clock
    }
    if (ahead > known.ahead) {
      this.#sorted.splice(positionOf(known.ahead, this.#sorted), 1)
      this.#sorted.splice(positionOf(ahead, this.#sorted), 0, ahead)
      known.ahead = ahead
    }
    return known
  }

  get #common(): number {
    return this.#sorted[(this.#sorted.length - 1) >> 1]
  }
}

/** The first position of a value in an ordered list, or where it belongs. */
function positionOf(value: number, sorted: readonly number[]): number {
  let [from, to] = [0, sorted.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if (sorted[middle] < value) from = middle + 1
    else to = middle
  }
  return from
}
