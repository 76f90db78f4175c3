import { contains, rangesOf } from './char-set.ts'
import { atPosition, type Program } from './program.ts'

const newline = 0x0a
/** First and after the last of the characters of words. */
const wordBounds = [0x30, 0x3a, 0x41, 0x5b, 0x5f, 0x60, 0x61, 0x7b]

/** Whether a character belongs to a word, for `\b`. */
export function isWord(code: number): boolean {
  for (let i = 0; i < wordBounds.length; i += 2) {
    if (code >= wordBounds[i] && code < wordBounds[i + 1]) return true
  }
  return false
}

/** Characters that no instruction of a program distinguishes are one class. */
export class CharacterClasses {
  /** Class of each ASCII character. */
  readonly ascii = new Uint16Array(128)
  readonly #bounds: number[]
  /** A character of each class. */
  readonly samples: readonly number[]
  readonly #members: Uint8Array

  constructor(program: Program) {
    const bounds = new Set<number>([0])
    for (const set of program.sets) {
      for (const [first, last] of rangesOf(set)) bounds.add(first).add(last + 1)
    }
    if (program.kinds.includes(atPosition)) {
      for (const code of [...wordBounds, newline, newline + 1]) bounds.add(code)
    }
    this.#bounds = [...bounds].sort((a, b) => a - b)
    this.samples = this.#bounds
    for (let code = 0; code < 128; code++) this.ascii[code] = this.of(code)
    this.#members = new Uint8Array(program.sets.length * this.count)
    program.sets.forEach((set, i) => {
      this.samples.forEach((code, each) => {
        if (contains(set, code)) this.#members[i * this.count + each] = 1
      })
    })
  }

  get count(): number {
    return this.#bounds.length
  }

  /** The class of a code point. */
  of(code: number): number {
    let low = 0
    let high = this.#bounds.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#bounds[middle] <= code) low = middle + 1
      else high = middle
    }
    return low - 1
  }

  /** Whether a set of the program has the characters of a class. */
  isIn(set: number, characterClass: number): boolean {
    return this.#members[set * this.count + characterClass] !== 0
  }
}
