import { type CharSet, charSet, negated, rangesOf, withBothCases } from './char-set.ts'
import { controlCharacters, UnknownConstruct } from './unknown-construct.ts'

const digits: CharSet = [0x30, 0x39]
const upper: CharSet = [0x41, 0x5a]
const lower: CharSet = [0x61, 0x7a]
const letters = [...upper, ...lower]

const perlClasses = new Map<string, CharSet>([
  ['d', digits],
  ['s', [0x09, 0x0a, 0x0c, 0x0d, 0x20, 0x20]],
  ['w', [...digits, ...upper, 0x5f, 0x5f, ...lower]],
])

const posixClasses = new Map<string, CharSet>([
  ['alnum', [...digits, ...letters]],
  ['alpha', letters],
  ['ascii', [0, 0x7f]],
  ['blank', [0x09, 0x09, 0x20, 0x20]],
  ['cntrl', [0, 0x1f, 0x7f, 0x7f]],
  ['digit', digits],
  ['graph', [0x21, 0x7e]],
  ['lower', lower],
  ['print', [0x20, 0x7e]],
  ['punct', [0x21, 0x2f, 0x3a, 0x40, 0x5b, 0x60, 0x7b, 0x7e]],
  ['space', [0x09, 0x0d, 0x20, 0x20]],
  ['upper', upper],
  ['word', [...digits, ...upper, 0x5f, 0x5f, ...lower]],
  ['xdigit', [...digits, 0x41, 0x46, 0x61, 0x66]],
])

/** The set of `\d`, `\S` and the like, by its letter. */
export function perlClass(letter: string, bothCases: boolean): CharSet | undefined {
  const named = perlClasses.get(letter.toLowerCase())
  if (named === undefined) return undefined
  const folded = fold(named, bothCases)
  return letter === letter.toLowerCase() ? folded : negated(folded)
}

function fold(set: CharSet, bothCases: boolean): CharSet {
  const folded = bothCases ? withBothCases(set) : set
  if (folded === undefined) throw new UnknownConstruct()
  return folded
}

const item =
  /\[:(\^?)(\w+):\]|\\x(?:([0-9a-fA-F]{2})|\{([0-9a-fA-F]+)\})|\\([dDsSwW])|\\(.)|([^\\])/suy

/**
 * Parses a class of characters.
 * @param at after `[`
 * @returns its characters, and its length in the source
 */
export function parseClass(
  source: string,
  at: number,
  bothCases: boolean,
): { readonly set: CharSet; readonly length: number } {
  const ranges: [number, number][] = []
  const isNegated = source[at] === '^'
  let next = at + (isNegated ? 1 : 0)
  let isFirst = true
  while (isFirst || source[next] !== ']') {
    isFirst = false
    const match = takeItem(source, next)
    next += match[0].length
    const [, not, posix, , , perl] = match
    const named = perl === undefined ? posixClasses.get(posix ?? '') : perlClass(perl, bothCases)
    if (posix !== undefined && named === undefined) throw new UnknownConstruct()
    if (named !== undefined) {
      const folded = posix === undefined ? named : fold(named, bothCases)
      ranges.push(...rangesOf(not === '^' ? negated(folded) : folded))
      continue
    }
    const first = codeOf(match)
    let last = first
    if (source[next] === '-' && source[next + 1] !== ']') {
      const end = takeItem(source, next + 1)
      last = codeOf(end)
      next += 1 + end[0].length
    }
    if (last < first) throw new UnknownConstruct()
    ranges.push(...rangesOf(fold([first, last], bothCases)))
  }
  const set = charSet(ranges)
  return { set: isNegated ? negated(set) : set, length: next + 1 - at }
}

function takeItem(source: string, at: number): RegExpExecArray {
  item.lastIndex = at
  const match = item.exec(source)
  if (match === null) throw new UnknownConstruct()
  return match
}

/** Of a single character. */
function codeOf(match: RegExpExecArray): number {
  const [, , posix, hex, braced, perl, escaped, plain] = match
  if (posix !== undefined || perl !== undefined) throw new UnknownConstruct()
  if (hex ?? braced) return Number.parseInt(hex ?? braced ?? '', 16)
  const control = escaped === undefined ? undefined : controlCharacters.get(escaped)
  if (control !== undefined) return control[0]
  if (escaped !== undefined && /\w/.test(escaped)) throw new UnknownConstruct()
  return (escaped ?? plain).codePointAt(0) ?? 0
}
