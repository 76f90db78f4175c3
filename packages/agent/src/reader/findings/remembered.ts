/** Maximum number of remembered keys. */
const rememberedMax = 10_000

/** Values by key; the oldest are forgotten if there are too many. */
export class Remembered<Value> {
  readonly #values = new Map<string, Value>()

  get(key: string): Value | undefined {
    return this.#values.get(key)
  }

  /** The key is the newest then. */
  set(key: string, value: Value): void {
    this.#values.delete(key)
    this.#values.set(key, value)
    if (this.#values.size <= rememberedMax) return
    for (const oldest of this.#values.keys()) {
      this.#values.delete(oldest)
      return
    }
  }
}
