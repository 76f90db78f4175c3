/** Milliseconds of work until others get their turn. */
const sliceMs = 20

/** Long work in slices: between them, messages and timers of this thread are handled. */
export class WorkSlices {
  readonly #channel = new MessageChannel()
  #begin = performance.now()

  /** Waits for others, if they have waited for a slice. Timers would add a delay of their own. */
  async pause(): Promise<void> {
    if (performance.now() - this.#begin < sliceMs) return
    await new Promise((resolve) => {
      this.#channel.port1.onmessage = resolve
      this.#channel.port2.postMessage(undefined)
    })
    this.#begin = performance.now()
  }
}
