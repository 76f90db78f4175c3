/** How long equal findings are folded, in milliseconds. */
const foldedMs = 60_000
/** Maximum number of remembered findings. */
const rememberedMax = 10_000

interface Last {
  /** When it was reported. */
  at: number
  /** How often it was left out since. */
  repeated: number
}

/**
 * Folds repeats: a finding of the same rule and lineage is reported once a minute, with the number
 * of those left out in between. What is forgotten for lack of room is reported again.
 */
export class Repeats {
  readonly #last = new Map<string, Last>()
  /** Findings that were left out. */
  folded = 0

  /** @returns how many were left out since the last report; undefined: this one is left out */
  report(key: string, now: number): number | undefined {
    const last = this.#last.get(key)
    // Far apart in the other direction, too: the clock may have been set back.
    if (last !== undefined && Math.abs(now - last.at) < foldedMs) {
      last.repeated++
      this.folded++
      return undefined
    }
    this.#last.delete(key)
    this.#last.set(key, { at: now, repeated: 0 })
    for (const oldest of this.#last.keys()) {
      if (this.#last.size <= rememberedMax) break
      this.#last.delete(oldest)
    }
    return last?.repeated ?? 0
  }
}
