import { RegExpError } from './regexp-error.ts'

/**
 * Instructions that a pattern may become: so many, and two for each of its characters. Without
 * counted repetitions it never becomes more; with them a few characters could become a million. In
 * a text that was made for the pattern a character costs 4 to 10 ns for each instruction, 50 for
 * classes of Unicode: at this bound 10 µs, or 100 µs. RE2 has such a bound as well.
 */
const instructionsMax = 2500
/**
 * The first look at a pattern is no more than a guess: what is so much too large is not compiled.
 */
const certainly = 4

const tokens =
  /\\Q.*?(?:\\E|$)|\\[pP](?:\{\w*\}|\w)|\\.|\[\^?\]?(?:\[:\w+:\]|\\.|[^\]\\])*\]|\{(\d+)(,?)(\d*)\}|./gs

/** A counted repetition. */
interface Repetition {
  readonly index: number
  readonly text: string
  /** Instructions that it becomes, about. */
  readonly size: number
}

/** What a pattern becomes, about, and the repetition that makes most of it. */
function estimate(pattern: string): { size: number; largest: Repetition | undefined } {
  const open: number[] = []
  let largest: Repetition | undefined
  let size = 0
  /** The last thing, which a repetition repeats. */
  let last = 0
  for (const match of pattern.matchAll(tokens)) {
    const [text, least, comma, most] = match
    if (text === '(') {
      open.push(size)
      size = 0
    } else if (text === ')') {
      last = size + 2
      size = (open.pop() ?? 0) + last
    } else if (least !== undefined) {
      const times = Number(most || least) + (comma !== '' && most === '' ? 1 : 0)
      const repeated = (last + 1) * times
      if (largest === undefined || repeated > largest.size) {
        largest = { index: match.index, text, size: repeated }
      }
      size += repeated - last
      last = repeated
    } else {
      last = text.startsWith('\\Q') ? text.length : 1
      size += last
    }
  }
  return { size, largest }
}

/** Instructions that a pattern becomes, about; found without compiling it. */
export function estimatedSize(pattern: string): number {
  return estimate(pattern).size
}

/**
 * Before a pattern is compiled, which could take seconds. @throws RegExpError for one that is too
 * large
 */
export function checkEstimate(pattern: string): void {
  const { size } = estimate(pattern)
  if (size > certainly * bound(pattern)) refuse(pattern)
}

/** @param size instructions that it became. @throws RegExpError for one that is too large */
export function checkSize(pattern: string, size: number): void {
  if (size > bound(pattern)) refuse(pattern)
}

function bound(pattern: string): number {
  return instructionsMax + 2 * pattern.length
}

function refuse(pattern: string): never {
  const { largest } = estimate(pattern)
  const cause = largest ? `${largest.text} repeats too much` : 'it is too long'
  const reason = `it compiles to more than ${bound(pattern)} instructions: ${cause}`
  throw new RegExpError(pattern, largest?.index ?? 0, reason)
}
