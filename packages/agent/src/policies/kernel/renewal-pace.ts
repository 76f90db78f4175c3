/** The longest pause between two renewals, in milliseconds. */
const pauseMax = 300_000
const firstPause = 1000

/**
 * When a policy is compiled again: the first time immediately, then after pauses that double. A
 * container that keeps changing a file must not keep the agent compiling.
 */
export class RenewalPace {
  #pause = 0
  #last = Number.NEGATIVE_INFINITY
  #timer: NodeJS.Timeout | undefined

  /** Plans a renewal, unless one is planned. */
  plan(renew: () => void): void {
    if (this.#timer) return
    const since = performance.now() - this.#last
    // It has been quiet for long.
    if (since > 2 * this.#pause + firstPause) this.#pause = 0
    const wait = Math.max(0, this.#pause - since)
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#last = performance.now()
      this.#pause = Math.min(pauseMax, Math.max(firstPause, 2 * this.#pause))
      renew()
    }, wait).unref()
  }

  /** Drops a renewal that is planned. */
  cancel(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
