/** A name and how often it occurred. */
export interface NameCount {
  readonly name: string
  /** An upper bound if `isExact` is false. */
  readonly count: number
  readonly isExact: boolean
}

/** Longest name that is kept, in characters: names are made by processes. */
const nameMax = 256

/**
 * The most frequent names in bounded memory (the Space-Saving algorithm): when all places are
 * taken, a new name takes that of the rarest one, with its count. Every name with more than a
 * `max`-th part of all occurrences is among them.
 */
export class FrequentNames {
  readonly #max: number
  readonly #counts = new Map<string, { count: number; error: number }>()

  /** @param max maximum number of names */
  constructor(max: number) {
    this.#max = max
  }

  /** @param count occurrences */
  add(name: string, count: number): void {
    const key = name.length > nameMax ? `${name.slice(0, nameMax)}…` : name
    const known = this.#counts.get(key)
    if (known !== undefined) {
      known.count += count
      return
    }
    const error = this.#counts.size < this.#max ? 0 : this.#replaceRarest()
    this.#counts.set(key, { count: error + count, error })
  }

  /** Removes the rarest name. @returns its count */
  #replaceRarest(): number {
    let rarest: readonly [string, number] = ['', Number.POSITIVE_INFINITY]
    for (const [name, { count }] of this.#counts) {
      if (count < rarest[1]) rarest = [name, count]
    }
    this.#counts.delete(rarest[0])
    return rarest[1]
  }

  /** The most frequent ones, in order. @param max how many */
  top(max: number): NameCount[] {
    return [...this.#counts]
      .map(([name, { count, error }]) => ({ name, count, isExact: error === 0 }))
      .sort((a, b) => b.count - a.count)
      .slice(0, max)
  }
}
