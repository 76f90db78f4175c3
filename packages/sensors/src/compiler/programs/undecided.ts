import type { Code, Condition, Int } from '@tetragon-ts/ebpf/lang'

// A call whose selector could not be decided at its entry waits for its return in the table of
// calls. Where other calls have their selector's number it has a word: which values could not be
// read, and which selectors all else speaks for.

/** Marks such a word: selector indexes are smaller. */
const mark = 31

/** How the word of a hook's calls is made up. */
export class UndecidedWord {
  readonly #values: number
  readonly #selectors: number

  /** @param values how many are read again @param selectors how many the hook has */
  constructor(values: number, selectors: number) {
    this.#values = values
    this.#selectors = selectors
  }

  /** Whether all bits find room. */
  get fits(): boolean {
    return this.#values + 1 + this.#selectors <= mark
  }

  /**
   * Puts it together.
   * @param unread a bit for each value that is read again, and last one for all others
   * @param candidates a bit for each selector; undefined where there is only one
   */
  make(k: Code, unread: readonly (Int | undefined)[], candidates: Int | undefined): Int {
    const bits = unread.flatMap((bit, i) => (bit ? [i === 0 ? bit : bit.shiftLeft(i)] : []))
    const shift = this.#values + 1
    const left = candidates?.shiftLeft(shift) ?? k.constant(1 << shift)
    return bits.reduce((all, bit) => all.or(bit), left).or(1n << BigInt(mark))
  }

  isUndecided(word: Int): Condition {
    return word.has(1n << BigInt(mark))
  }

  /** 1 if the value at this place could not be read; the index after the last means all others. */
  wasUnread(word: Int, place: number): Int {
    return word.shiftRight(place).and(1)
  }

  isCandidate(word: Int, selector: number): Condition {
    return word.has(1n << BigInt(selector + this.#values + 1))
  }

  /** Index that means all values that are not read again. */
  get others(): number {
    return this.#values
  }
}
