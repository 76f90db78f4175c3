/** Values with sizes, up to a total; those that were used last are kept, at least one. */
export class SizedCache<K, V> {
  readonly #max: number
  readonly #entries = new Map<K, { readonly value: V; readonly size: number }>()
  #size = 0

  constructor(max: number) {
    this.#max = max
  }

  /** Undefined without an entry. */
  get(key: K): V | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    return entry.value
  }

  set(key: K, value: V, size: number): void {
    this.#remove(key)
    this.#entries.set(key, { value, size })
    this.#size += size
    for (const oldest of this.#entries.keys()) {
      if (this.#size <= this.#max || oldest === key) return
      this.#remove(oldest)
    }
  }

  #remove(key: K): void {
    this.#size -= this.#entries.get(key)?.size ?? 0
    this.#entries.delete(key)
  }
}
