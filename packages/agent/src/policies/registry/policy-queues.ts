/** Serializes changes with the same key; changes with different keys run concurrently. */
export class Queues {
  readonly #last = new Map<string, Promise<unknown>>()

  run<T>(key: string, change: () => Promise<T>): Promise<T> {
    const result = (this.#last.get(key) ?? Promise.resolve()).then(change)
    const over = result
      .catch(() => {})
      .then(() => {
        if (this.#last.get(key) === over) this.#last.delete(key)
      })
    this.#last.set(key, over)
    return result
  }
}
