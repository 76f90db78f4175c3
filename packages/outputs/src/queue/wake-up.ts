/** Wakes the one task that waits for something. */
export class WakeUp {
  #wake: (() => void) | undefined

  /** Ends the wait, if there is one. */
  now(): void {
    this.#wake?.()
  }

  /** Fulfilled after the next call of `now`, or when the signal is aborted. */
  async wait(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.#wake = undefined
        signal.removeEventListener('abort', done)
        resolve()
      }
      this.#wake = done
      signal.addEventListener('abort', done, { once: true })
    })
  }
}
