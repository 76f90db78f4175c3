/** Time in milliseconds after which a warning is repeated. */
const pause = 60_000

/**
 * Warnings that users can provoke at any rate: each text is passed on once a minute. There must be
 * few texts.
 */
export class RepeatedWarnings {
  readonly #warn: (message: string) => void
  readonly #now: () => number
  /** When each text was passed on. */
  readonly #last = new Map<string, number>()

  constructor(warn: (message: string) => void, now: () => number = () => performance.now()) {
    this.#warn = warn
    this.#now = now
  }

  add(message: string): void {
    const [now, last] = [this.#now(), this.#last.get(message)]
    if (last !== undefined && now - last < pause) return
    this.#last.set(message, now)
    this.#warn(message)
  }
}
