interface Kept<T> {
  readonly until: number
  readonly answer: T
}

/** Answers that hold for a while. The oldest ones are dropped beyond a number. */
export class KeptAnswers<T> {
  readonly #max: number
  readonly #holdsMs: number
  readonly #kept = new Map<string, Kept<T>>()

  /** @param holdsMs milliseconds */
  constructor(max: number, holdsMs: number) {
    this.#max = max
    this.#holdsMs = holdsMs
  }

  /** @param askedAt milliseconds; the answer holds from then on */
  set(key: string, answer: T, askedAt: number): void {
    this.#kept.delete(key)
    this.#kept.set(key, { until: askedAt + this.#holdsMs, answer })
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > this.#max) this.#kept.delete(oldest)
  }

  delete(key: string): void {
    this.#kept.delete(key)
  }

  /** The answer, if it still holds. */
  get(key: string, now: number): { readonly answer: T } | undefined {
    const kept = this.#kept.get(key)
    return kept !== undefined && now < kept.until ? kept : undefined
  }

  /** Whether an answer is kept, though it may not hold. */
  has(key: string): boolean {
    return this.#kept.has(key)
  }
}
