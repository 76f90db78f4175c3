/**
 * Printable characters, as in Go's strconv.IsPrint: letters, marks, numbers, punctuation, symbols
 * and the ASCII space. Control characters, line and paragraph separators, other blanks, invisible
 * format characters (including bidirectional controls), unassigned code points and lone surrogates
 * are not printable.
 */
const unprintable = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u
const plainAscii = /^[\x20-\x7e]*$/

/** Matches each unprintable code point. */
export const everyUnprintable = new RegExp(unprintable.source, 'gu')

/** Whether all of `text` is printable. */
export function isPrintable(text: string): boolean {
  return plainAscii.test(text) || !unprintable.test(text)
}

const short: Record<string, string> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0')
}

/** The escape sequence of one code point as Go writes it: `\n`, `\x1b`, `\u202e`, `\U000e0001`. */
export function escapeCodePoint(character: string): string {
  const known = short[character]
  if (known !== undefined) return known
  const code = character.codePointAt(0) ?? 0
  if (code < 0x20 || code === 0x7f) return `\\x${hex(code, 2)}`
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`
}
