/** A change of a selector's counters: number of the hook, index of the selector. */
export interface LateCount {
  readonly hook: number
  readonly selector: number
  readonly post: number
  readonly nopost: number
}

/** Decisions that the reader makes for policy programs, which count all others themselves. */
export class LateCounts {
  readonly #counts = new Map<string, LateCount>()

  add(hook: number, selector: number, name: 'post' | 'nopost', by: number): void {
    const key = `${hook} ${selector}`
    const before = this.#counts.get(key) ?? { hook, selector, post: 0, nopost: 0 }
    this.#counts.set(key, { ...before, [name]: before[name] + by })
  }

  /** The changes since the last call. */
  take(): readonly LateCount[] {
    if (this.#counts.size === 0) return []
    const taken = [...this.#counts.values()]
    this.#counts.clear()
    return taken
  }
}
