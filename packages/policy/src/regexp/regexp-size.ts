import { RegExpError } from './regexp-error.ts'

/**
 * Maximum number of instructions of a pattern, plus two for each of its characters. Without counted
 * repetitions a pattern never exceeds it; with them a few characters could become a million. In the
 * worst case a character of a text takes 4 to 10 ns per instruction, 50 for Unicode classes: at
 * this limit 10 µs, or 100 µs. RE2 has such a limit too.
 */
const instructionsMax = 2500
/**
 * The estimate before compilation is imprecise: only patterns far above the limit are refused by
 * it.
 */
const certainly = 4

const tokens =
  /\\Q.*?(?:\\E|$)|\\[pP](?:\{\w*\}|\w)|\\.|\[\^?\]?(?:\[:\w+:\]|\\.|[^\]\\])*\]|\{(\d+)(,?)(\d*)\}|./gs

/** A counted repetition. */
interface Repetition {
  readonly index: number
  readonly text: string
  /** Approximate number of its instructions. */
  readonly size: number
}

/** Approximate size of a pattern, and its largest repetition. */
function estimate(pattern: string): { size: number; largest: Repetition | undefined } {
  const open: number[] = []
  let largest: Repetition | undefined
  let size = 0
  /** The last element, which a repetition repeats. */
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

/** Approximate number of instructions of a pattern, without compiling it. */
export function estimatedSize(pattern: string): number {
  return estimate(pattern).size
}

/**
 * Before a pattern is compiled, which could take seconds.
 * @throws RegExpError if it is too large
 */
export function checkEstimate(pattern: string): void {
  const { size } = estimate(pattern)
  if (size > certainly * bound(pattern)) refuse(pattern)
}

/** @param size number of instructions after compilation @throws RegExpError if it is too large */
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
