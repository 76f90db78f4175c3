/** Milliseconds of work until others get their turn. */
const usualMs = 20

/** Long work in slices: between them, messages and timers of this thread are handled. */
export class WorkSlices {
  readonly #channel = new MessageChannel()
  readonly #sliceMs: number
  #begin = performance.now()

  constructor(sliceMs = usualMs) {
    this.#sliceMs = sliceMs
  }

  /** Whether the work must {@link pause}: asked about after each piece of it. */
  get isOver(): boolean {
    return performance.now() - this.#begin >= this.#sliceMs
  }

  /** Starts a slice: other work has had its turn. */
  begin(): void {
    this.#begin = performance.now()
  }

  /** Waits for others, if they have waited for a slice. Timers would add a delay of their own. */
  async pause(): Promise<void> {
    if (!this.isOver) return
    const { port1, port2 } = this.#channel
    await new Promise<void>((resolve) => {
      port1.onmessage = () => {
        // A port that listens would keep a test alive.
        port1.onmessage = null
        resolve()
      }
      port2.postMessage(undefined)
    })
    this.begin()
  }
}
