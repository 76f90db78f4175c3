/** The values that were used last, by key. */
export class Recent<V> {
  readonly #values = new Map<string, V>()
  readonly #max: number

  constructor(max: number) {
    this.#max = max
  }

  /** The value of a key, made unless it is known. */
  of(key: string, make: () => V): V {
    const value = this.#values.get(key) ?? make()
    // Now it is the last one.
    this.#values.delete(key)
    this.#values.set(key, value)
    for (const first of this.#values.keys()) {
      if (this.#values.size <= this.#max) break
      this.#values.delete(first)
    }
    return value
  }
}
