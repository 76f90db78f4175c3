import type { Code, Condition, Int } from '@tetragon-ts/ebpf/lang'

// An undecided call waits for its return in the table of calls. Instead of the selector's number,
// it has a word with the unreadable values and the remaining candidates.

/** Marks such a word: selector indexes are smaller. */
const mark = 31

/** Layout of the word of a hook's calls. */
export class UndecidedWord {
  readonly #values: number
  readonly #selectors: number

  /**
   * @param values number of values that are read again
   * @param selectors number of selectors of the hook
   */
  constructor(values: number, selectors: number) {
    this.#values = values
    this.#selectors = selectors
  }

  /** Whether all bits fit. */
  get fits(): boolean {
    return this.#values + 1 + this.#selectors <= mark
  }

  /**
   * Creates the word.
   * @param unread a bit for each value that is read again, and a last one for all others
   * @param candidates a bit for each selector; undefined if there is only one
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

  /** 1 if the value at this index could not be read; the index after the last means all others. */
  wasUnread(word: Int, place: number): Int {
    return word.shiftRight(place).and(1)
  }

  isCandidate(word: Int, selector: number): Condition {
    return word.has(1n << BigInt(selector + this.#values + 1))
  }

  /** Index of all values that are not read again. */
  get others(): number {
    return this.#values
  }
}
