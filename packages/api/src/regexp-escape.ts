import { RegExpError } from './regexp-error.ts'

/** A piece of a pattern in JavaScript's syntax, and where in the pattern it ends. */
export interface Translation {
  readonly text: string
  readonly end: number
  /** The code point, when the piece is a single character. */
  readonly codePoint?: number
  /** Set when the piece matches a place, not a character, and cannot be repeated. */
  readonly assertion?: boolean
}

const syntax = /[\^$\\.*+?()[\]{}|/-]/

/** Writes one character so that it means itself, inside and outside of a bracket expression. */
export function escapeLiteral(character: string): string {
  if (character === '-') return '\\x2d'
  return syntax.test(character) ? `\\${character}` : character
}

/** Escapes that mean the same in both syntaxes, with the character where they stand for one. */
const shared: Record<string, number | undefined> = {
  ...{ f: 0x0c, n: 0x0a, r: 0x0d, t: 0x09, v: 0x0b },
  ...{ d: undefined, D: undefined, w: undefined, W: undefined },
}

const blanks = '\\t\\n\\f\\r '
const noBlanks = '\\0-\\x08\\x0b\\x0e-\\x1f!-\\u{10ffff}'

function readHex(pattern: string, at: number): Translation {
  const match = /^\\x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,8})\})/.exec(pattern.slice(at, at + 13))
  const codePoint = match === null ? Number.NaN : Number.parseInt(match[1] ?? match[2], 16)
  if (match === null || codePoint > 0x10ffff) {
    throw new RegExpError(pattern, at, 'invalid \\x escape')
  }
  return { text: `\\u{${codePoint.toString(16)}}`, end: at + match[0].length, codePoint }
}

function readProperty(pattern: string, at: number): Translation {
  const match = /^\\([pP])(?:([A-Za-z])|\{(\^?)(\w+)\})/.exec(pattern.slice(at, at + 64))
  if (match === null) throw new RegExpError(pattern, at, 'invalid Unicode property')
  const negated = (match[1] === 'P') !== (match[3] === '^')
  const name = match[2] ?? match[4]
  const property = /^[A-Z][a-z]?$/.test(name) ? name : `Script=${name}`
  const text = `\\${negated ? 'P' : 'p'}{${property}}`
  try {
    new RegExp(text, 'u')
  } catch {
    throw new RegExpError(pattern, at, `unknown Unicode property ${name}`)
  }
  return { text, end: at + match[0].length }
}

/** Translates the escape sequence that begins at `at`, in or outside of a bracket expression. */
export function readEscape(pattern: string, at: number, inClass: boolean): Translation {
  const letter = pattern[at + 1]
  const end = at + 2
  if (letter === undefined) throw new RegExpError(pattern, at, 'trailing backslash')
  if (Object.hasOwn(shared, letter)) return { text: `\\${letter}`, end, codePoint: shared[letter] }
  if (letter === 'a') return { text: '\\x07', end, codePoint: 7 }
  if (letter === 's') return { text: inClass ? blanks : `[${blanks}]`, end }
  if (letter === 'S') return { text: inClass ? noBlanks : `[${noBlanks}]`, end }
  if (letter === 'x') return readHex(pattern, at)
  if (letter === 'p' || letter === 'P') return readProperty(pattern, at)
  if (!inClass) {
    if (letter === 'b' || letter === 'B') return { text: `\\${letter}`, end, assertion: true }
    if (letter === 'A') return { text: '(?<![^])', end, assertion: true }
    if (letter === 'z') return { text: '(?![^])', end, assertion: true }
    if (/[1-9]/.test(letter)) {
      throw new RegExpError(pattern, at, 'back references are not supported')
    }
  }
  if (/[!-/:-@[-`{-~]/.test(letter)) {
    return { text: escapeLiteral(letter), end, codePoint: letter.charCodeAt(0) }
  }
  throw new RegExpError(pattern, at, 'unknown escape sequence')
}
