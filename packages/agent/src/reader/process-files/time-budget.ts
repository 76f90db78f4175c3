/** Milliseconds per second. */
const perSecond = 200

/**
 * Limits the time for which stacks keep the reader from the ring: to a fifth of all time, and to
 * the longest use at once.
 */
export class TimeBudget {
  readonly #longest: number
  #left = perSecond
  #at = 0

  /** @param longest milliseconds of one use */
  constructor(longest = 100) {
    this.#longest = longest
  }

  /** Milliseconds that may be used now; more than is left is paid back. @param now milliseconds */
  available(now: number): number {
    this.#left = Math.min(perSecond, this.#left + ((now - this.#at) * perSecond) / 1000)
    this.#at = now
    return this.#left > 0 ? this.#longest : 0
  }

  spend(milliseconds: number): void {
    this.#left -= milliseconds
  }
}
