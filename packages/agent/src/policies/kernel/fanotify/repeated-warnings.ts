/** Time in milliseconds after which a warning is repeated. */
const pause = 60_000
/** Maximum number of texts that are remembered: users can choose parts of them. */
const textsMax = 100

/** Warnings that may be repeated at any rate: each text is passed on once a minute. */
export class RepeatedWarnings {
  readonly #warn: (message: string) => void
  readonly #now: () => number
  /** When each text was passed on; the oldest first. */
  readonly #last = new Map<string, number>()

  constructor(warn: (message: string) => void, now: () => number = () => performance.now()) {
    this.#warn = warn
    this.#now = now
  }

  add(message: string): void {
    const [now, last] = [this.#now(), this.#last.get(message)]
    if (last !== undefined && now - last < pause) return
    this.#last.delete(message)
    for (const [text, time] of this.#last) {
      if (now - time < pause && this.#last.size < textsMax) break
      this.#last.delete(text)
    }
    this.#last.set(message, now)
    this.#warn(message)
  }
}
