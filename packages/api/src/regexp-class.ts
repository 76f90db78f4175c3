import { RegExpError } from './regexp-error.ts'
import { escapeLiteral, readEscape, type Translation } from './regexp-escape.ts'

const posixClasses: Record<string, string> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\x00-\\x7f',
  blank: '\\t ',
  cntrl: '\\x00-\\x1f\\x7f',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`\\{-~',
  space: '\\t-\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
}

interface ClassItem extends Translation {
  /** The code point, when the item is a single one and can begin or end a range. */
  readonly codePoint?: number
}

function readItem(pattern: string, at: number): ClassItem {
  const posix = /^\[:(\^?)(\w+):\]/.exec(pattern.slice(at, at + 16))
  if (posix !== null) {
    const members = posixClasses[posix[2]]
    if (posix[1] !== '' || members === undefined) {
      throw new RegExpError(pattern, at, `character class ${posix[0]} is not supported`)
    }
    return { text: members, end: at + posix[0].length }
  }
  if (pattern[at] === '\\') return readEscape(pattern, at, true)
  const codePoint = pattern.codePointAt(at)
  if (codePoint === undefined) throw new RegExpError(pattern, at, 'missing ]')
  const character = String.fromCodePoint(codePoint)
  return { text: escapeLiteral(character), end: at + character.length, codePoint }
}

/** Translates the bracket expression that begins at `start`, such as `[^[:alpha:]_]`. */
export function readClass(pattern: string, start: number): Translation {
  let at = start + 1
  let text = '['
  if (pattern[at] === '^') {
    text += '^'
    at++
  }
  for (let first = true; first || pattern[at] !== ']'; first = false) {
    if (at >= pattern.length) throw new RegExpError(pattern, start, 'missing ]')
    const low = readItem(pattern, at)
    text += low.text
    if (pattern[low.end] === '-' && low.end + 1 < pattern.length && pattern[low.end + 1] !== ']') {
      const high = readItem(pattern, low.end + 1)
      if (low.codePoint === undefined || high.codePoint === undefined) {
        throw new RegExpError(pattern, at, 'a range needs a character at both ends')
      }
      if (low.codePoint > high.codePoint) throw new RegExpError(pattern, at, 'range out of order')
      text += `-${high.text}`
      at = high.end
    } else {
      at = low.end
    }
  }
  return { text: `${text}]`, end: at + 1 }
}
