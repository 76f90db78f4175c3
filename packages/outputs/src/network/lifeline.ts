/** The life of a connection: its first error ends it, and what waits for an answer fails. */
export class Lifeline {
  readonly #release: () => void
  #failure: Error | undefined
  #fail: (error: Error) => void = () => {}

  /** @param release closes the connection; called once */
  constructor(release: () => void) {
    this.#release = release
  }

  /** Whether the connection has ended. */
  get isOver(): boolean {
    return this.#failure !== undefined
  }

  /** Ends the connection, unless it has ended. */
  end(error: Error): void {
    if (this.#failure !== undefined) return
    this.#failure = error
    this.#release()
    this.#fail(error)
  }

  /**
   * Waits for one action at a time. If it fails, the connection ends: what the receiver has is
   * unknown then. @throws why the connection ended, for example the reason of the signal
   */
  async orFail<T>(signal: AbortSignal, action: Promise<T>): Promise<T> {
    const abort = (): void => this.end(signal.reason)
    const failed = new Promise<never>((_, reject) => {
      this.#fail = reject
    })
    signal.addEventListener('abort', abort, { once: true })
    if (signal.aborted) abort()
    if (this.#failure !== undefined) this.#fail(this.#failure)
    try {
      return await Promise.race([action, failed])
    } catch (error) {
      this.end(error as Error)
      throw error
    } finally {
      signal.removeEventListener('abort', abort)
      this.#fail = () => {}
    }
  }
}
