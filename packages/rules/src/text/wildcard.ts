/** `*`: any number of characters, also none. */
export const anyLength = 0
/** `?`: exactly one character. */
export const oneCharacter = 1

/** Literal texts and wildcards, in order. */
export type WildcardText = readonly (string | typeof anyLength | typeof oneCharacter)[]

/**
 * Reads a value with Sigma's escapes: a backslash before `*`, `?` or `\` makes that character
 * literal; any other backslash is one.
 */
export function readWildcards(text: string): WildcardText {
  const parts: (string | typeof anyLength | typeof oneCharacter)[] = []
  let literal = ''
  const add = (wildcard: typeof anyLength | typeof oneCharacter): void => {
    if (literal !== '') parts.push(literal)
    literal = ''
    // `**` is `*`.
    if (wildcard !== anyLength || parts.at(-1) !== anyLength) parts.push(wildcard)
  }
  for (let i = 0; i < text.length; i++) {
    const character = text[i]
    const next = text[i + 1]
    if (character === '\\' && (next === '*' || next === '?' || next === '\\')) {
      literal += next
      i++
    } else if (character === '*') add(anyLength)
    else if (character === '?') add(oneCharacter)
    else literal += character
  }
  if (literal !== '') parts.push(literal)
  return parts
}

/** The text of a value without wildcards; undefined if it has some. */
export function plainText(parts: WildcardText): string | undefined {
  if (parts.length === 0) return ''
  return parts.length === 1 && typeof parts[0] === 'string' ? parts[0] : undefined
}

/** The value as rules write it. */
export function writeWildcards(parts: WildcardText): string {
  return parts
    .map((part) => {
      if (typeof part !== 'string') return part === anyLength ? '*' : '?'
      return part.replace(/[*?]|\\(?=[*?\\]|$)/g, '\\$&')
    })
    .join('')
}

/** Applies a function to the literal texts. */
export function mapLiterals(parts: WildcardText, change: (text: string) => string): WildcardText {
  return parts.map((part) => (typeof part === 'string' ? change(part) : part))
}

/**
 * Whether a text matches from its first to its last character. Takes the product of both lengths at
 * most: on a mismatch only the last `*` is extended.
 */
export function matchesWildcards(parts: WildcardText, text: string): boolean {
  let part = 0
  let at = 0
  /** The part after the last `*`, and where it was tried. */
  let retryPart = -1
  let retryAt = 0
  while (true) {
    const expected = parts[part]
    if (expected === undefined) {
      if (at === text.length) return true
    } else if (expected === anyLength) {
      retryPart = ++part
      retryAt = at
      continue
    } else if (expected === oneCharacter) {
      if (at < text.length) {
        at += width(text, at)
        part++
        continue
      }
    } else if (text.startsWith(expected, at)) {
      at += expected.length
      part++
      continue
    }
    if (retryPart < 0 || retryAt >= text.length) return false
    part = retryPart
    const next = parts[part]
    if (next === undefined) return true
    retryAt += width(text, retryAt)
    if (typeof next === 'string') {
      // The last literal is at the end, the others at their next occurrence.
      const found = text.indexOf(next, retryAt)
      if (found < 0) return false
      retryAt = found
    }
    at = retryAt
  }
}

/** Length of the character at a position: 2 in UTF-16 outside of the basic plane. */
function width(text: string, at: number): 1 | 2 {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1
}
