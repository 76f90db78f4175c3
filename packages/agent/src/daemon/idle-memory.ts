/** Milliseconds after the last change of a policy until its memory is freed. */
const quietMs = 5000

/**
 * Frees memory that only the start and changes of policies use (docs/design/free-memory.md), after
 * a delay: policies are often changed one after the other, and the next change needs the same data.
 */
export class IdleMemory {
  readonly #free: () => void
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  /** @param free frees the memory now */
  constructor(free: () => void) {
    this.#free = free
  }

  /** Frees the memory five seconds after the last call. */
  later(): void {
    clearTimeout(this.#timer)
    if (!this.#isClosed) this.#timer = setTimeout(() => this.#free(), quietMs).unref()
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
  }
}
