/** Differences between clocks that are corrected, in milliseconds. Delays explain smaller ones. */
const toleranceMs = 5000
/** How often the common clock is determined, in milliseconds. */
const refreshMs = 1000

/**
 * Compares the clocks of nodes by the times of their events. Without it, one clock that is ahead
 * would make the events of all other nodes late.
 */
export class NodeClocks {
  /** By node: the least delay of its events, negated: how far its clock is ahead of this one. */
  readonly #ahead = new Map<string, number>()
  #common = 0
  #refreshAt = Number.NEGATIVE_INFINITY
  readonly #reported = new Set<string>()
  readonly #report: (node: string, aheadMs: number) => void

  /** @param report is called once for each clock that is too far ahead of the others */
  constructor(report: (node: string, aheadMs: number) => void) {
    this.#report = report
  }

  /**
   * The time of an event on the common clock: the median of all.
   * @param time nanoseconds since 1970
   * @param now milliseconds of a clock that never jumps
   */
  correct(node: string, time: bigint, now: number): bigint {
    const ahead = Number(time / 1_000_000n) - now
    const before = this.#ahead.get(node)
    if (before === undefined) this.#refreshAt = Number.NEGATIVE_INFINITY
    if (before === undefined || ahead > before) this.#ahead.set(node, ahead)
    const difference = Math.max(before ?? ahead, ahead) - this.#commonAt(now)
    if (Math.abs(difference) <= toleranceMs) return time
    // A clock that seems to be behind may belong to a node whose events are delayed.
    if (difference > 0 && !this.#reported.has(node)) {
      this.#reported.add(node)
      this.#report(node, difference)
    }
    return time - BigInt(Math.round(difference)) * 1_000_000n
  }

  #commonAt(now: number): number {
    if (now >= this.#refreshAt) {
      const sorted = [...this.#ahead.values()].sort((a, b) => a - b)
      this.#common = sorted[(sorted.length - 1) >> 1]
      this.#refreshAt = now + refreshMs
    }
    return this.#common
  }
}
