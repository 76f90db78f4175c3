/** The last code point. */
export const lastCodePoint = 0x10ffff

/** Code points as sorted ranges that do not touch: first, last, first, last, … */
export type CharSet = readonly number[]

/** Letters outside of ASCII that equal one of ASCII if case is ignored. */
const foldedLetters: readonly (readonly [letter: number, ascii: number])[] = [
  [0x17f, 0x73],
  [0x212a, 0x6b],
]

/** One set of ranges in any order. */
export function charSet(ranges: readonly (readonly [first: number, last: number])[]): CharSet {
  const sorted = ranges.toSorted((a, b) => a[0] - b[0])
  const set: number[] = []
  for (const [first, last] of sorted) {
    const end = set.at(-1)
    if (end !== undefined && first <= end + 1) set[set.length - 1] = Math.max(end, last)
    else set.push(first, last)
  }
  return set
}

/** The ranges of a set. */
export function rangesOf(set: CharSet): [first: number, last: number][] {
  const ranges: [number, number][] = []
  for (let i = 0; i < set.length; i += 2) ranges.push([set[i], set[i + 1]])
  return ranges
}

/** All other code points. */
export function negated(set: CharSet): CharSet {
  const ranges: [number, number][] = []
  let next = 0
  for (const [first, last] of rangesOf(set)) {
    if (first > next) ranges.push([next, first - 1])
    next = last + 1
  }
  if (next <= lastCodePoint) ranges.push([next, lastCodePoint])
  return charSet(ranges)
}

/** Whether a code point is in the set. */
export function contains(set: CharSet, code: number): boolean {
  for (let i = 0; i < set.length; i += 2) if (code <= set[i + 1]) return code >= set[i]
  return false
}

/**
 * The set with both cases of its letters; undefined for letters outside of ASCII, whose cases are
 * not known here.
 */
export function withBothCases(set: CharSet): CharSet | undefined {
  const ranges = rangesOf(set)
  for (const [first, last] of rangesOf(set)) {
    const isKnown = (code: number): boolean => foldedLetters.some(([letter]) => letter === code)
    if (last > 0x7f && !(first === last && isKnown(first))) return undefined
    for (const [from, to, distance] of [
      [0x41, 0x5a, 32],
      [0x61, 0x7a, -32],
    ]) {
      const [low, high] = [Math.max(first, from), Math.min(last, to)]
      if (low <= high) ranges.push([low + distance, high + distance])
    }
  }
  for (const [letter, ascii] of foldedLetters) {
    const isIn = [letter, ascii, ascii - 32].some((code) => contains(set, code))
    if (isIn) for (const code of [letter, ascii, ascii - 32]) ranges.push([code, code])
  }
  return charSet(ranges)
}
