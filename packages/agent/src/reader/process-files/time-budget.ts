/** Milliseconds per second. */
const perSecond = 200
/**
 * Milliseconds of one use: a stack without mappings or symbols says little, and reading those of a
 * large program takes a busy machine some hundred milliseconds, once.
 */
const longest = 500

/**
 * Limits the time for which stacks keep the reader from the ring: to a fifth of all time, and a
 * single use to `longest`.
 */
export class TimeBudget {
  #left = perSecond
  #at = 0

  /** Milliseconds that may be used now; more than is left is paid back. @param now milliseconds */
  available(now: number): number {
    this.#left = Math.min(perSecond, this.#left + ((now - this.#at) * perSecond) / 1000)
    this.#at = now
    return this.#left > 0 ? longest : 0
  }

  spend(milliseconds: number): void {
    this.#left -= milliseconds
  }
}
