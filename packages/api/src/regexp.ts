import { RE2JS, RE2JSSyntaxException } from 're2js'
import { escapeUnprintable } from './escape.ts'
import { RegExpError } from './regexp-error.ts'

export { RegExpError } from './regexp-error.ts'

/** A compiled regular expression. */
export interface Pattern {
  /** Whether it matches anywhere in the text, in time that grows with the text's length only. */
  test(text: string): boolean
}

/** Better words for what is known from other engines and missing in this one. */
const unsupported: readonly (readonly [RegExp, string])[] = [
  [/^\(\?<?[=!]/, 'look-around is not supported'],
  [/^\\[1-9]/, 'back references are not supported'],
  [/^\\[pP]/, 'unknown Unicode property'],
  [/^\[:/, 'unknown character class'],
]

/** The first parenthesis that closes nothing, or the last one that is not closed. */
function unpaired(pattern: string): number {
  const open: number[] = []
  const parts = /\\Q.*?(?:\\E|$)|\\.|\[\^?\]?(?:\[:\w+:\]|\\.|[^\]\\])*\]|[()]/gs
  for (const { 0: part, index } of pattern.matchAll(parts)) {
    if (part === '(') open.push(index)
    else if (part === ')' && open.pop() === undefined) return index
  }
  return open.pop() ?? 0
}

function explain(pattern: string, cause: RE2JSSyntaxException): RegExpError {
  const error = cause.error.replace('missing closing', 'missing')
  const piece = cause.input ?? ''
  if (piece === '') return new RegExpError(pattern, Math.max(0, pattern.length - 1), error)
  if (error.endsWith(')')) return new RegExpError(pattern, unpaired(pattern), error)
  const known = unsupported.find(([start]) => start.test(piece))
  const what = known?.[1] ?? error
  const reason = piece === pattern ? what : `${what} ${escapeUnprintable(piece)}`
  return new RegExpError(pattern, Math.max(0, pattern.indexOf(piece)), reason)
}

/**
 * Compiles a regular expression in RE2 syntax, the one that Tetragon's filters take: what RE2 has not
 * (look-around, back references) is refused, so that a pattern means the same everywhere, and no
 * pattern and no text can make a match take longer than a few nanoseconds for each character.
 * Throws RegExpError, which says where the pattern is wrong.
 */
export function compileRegExp(pattern: string): Pattern {
  return compileRe2(pattern)
}

/** A match, and where its groups are in the text, from 0; -1 for a group that took no part. */
export interface GroupMatch {
  readonly index: number
  readonly groups: readonly (readonly [from: number, to: number])[]
}

/** A compiled regular expression with groups. */
export interface GroupPattern extends Pattern {
  /** All matches in a text. Each takes linear time, so all of them may take the square of it. */
  matches(text: string): Iterable<GroupMatch>
}

/** The same for an expression whose groups count. Throws RegExpError, also if it has no group. */
export function compileGroups(pattern: string): GroupPattern {
  const compiled = compileRe2(pattern)
  if (compiled.groupCount() === 0) throw new RegExpError(pattern, 0, 'there is no group')
  return {
    test: (text) => compiled.test(text),
    *matches(text) {
      const matcher = compiled.matcher(text)
      while (matcher.find()) {
        const groups: [number, number][] = []
        for (let i = 1; i <= compiled.groupCount(); i++) {
          groups.push([matcher.start(i), matcher.end(i)])
        }
        yield { index: matcher.start(), groups }
      }
    },
  }
}

function compileRe2(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern)
  } catch (error) {
    if (error instanceof RE2JSSyntaxException) throw explain(pattern, error)
    throw new RegExpError(pattern, 0, (error as Error).message)
  }
}
