/** How long equal findings are folded, in milliseconds. */
const foldedMs = 60_000
/** Maximum number of different findings of a key in that time. */
const differentMax = 10
/** Maximum number of remembered keys. */
const rememberedMax = 10_000

interface Last {
  /** When the first one was reported. */
  at: number
  /** Those that were reported since. */
  readonly different: Set<string>
  /** How many were left out since the last report. */
  repeated: number
}

/**
 * Folds repeats: of the findings with a key (rule and lineage) equal ones are reported once a
 * minute, and ten different ones, each with the number of those left out before it. What is
 * forgotten for lack of room is reported again.
 */
export class Repeats {
  readonly #last = new Map<string, Last>()
  /** Findings that were left out. */
  folded = 0

  /**
   * @param says what the finding is about
   * @returns how many were left out since the last report; undefined: this one is left out
   */
  report(key: string, says: string, now: number): number | undefined {
    const last = this.#last.get(key)
    if (last !== undefined && now - last.at < foldedMs) {
      if (last.different.has(says) || last.different.size >= differentMax) {
        last.repeated++
        this.folded++
        return undefined
      }
      const { repeated } = last
      last.repeated = 0
      last.different.add(says)
      return repeated
    }
    this.#last.delete(key)
    this.#last.set(key, { at: now, different: new Set([says]), repeated: 0 })
    for (const oldest of this.#last.keys()) {
      if (this.#last.size <= rememberedMax) break
      this.#last.delete(oldest)
    }
    return last?.repeated ?? 0
  }
}
