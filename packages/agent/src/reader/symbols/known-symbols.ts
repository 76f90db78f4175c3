import type { FoundSymbol } from './symbol-question.ts'

/** Instructions whose functions are kept. */
const instructionsMax = 1 << 15

interface Known {
  readonly symbol: FoundSymbol | undefined
  /** Milliseconds. */
  readonly until: number
}

/** Functions of instructions that were found, for a limited time: files and code may change. */
export class KnownSymbols {
  readonly #known = new Map<string, Known>()

  /** Undefined if it must be found. @param now milliseconds */
  get(key: string, now: number): Known | undefined {
    const known = this.#known.get(key)
    return known !== undefined && known.until > now ? known : undefined
  }

  set(key: string, known: Known): void {
    // The oldest one is the first one.
    this.#known.delete(key)
    if (this.#known.size >= instructionsMax) {
      const [oldest] = this.#known.keys()
      this.#known.delete(oldest)
    }
    this.#known.set(key, known)
  }
}
