import { escapeUnprintable } from '@tetragon-ts/api'
import { RE2JS, RE2JSSyntaxException } from 're2js'
import { LazyPattern } from './lazy-pattern.ts'
import { parseSyntax } from './parse-syntax.ts'
import type { Pattern } from './pattern.ts'
import { RegExpError } from './regexp-error.ts'
import { checkEstimate, checkSize } from './regexp-size.ts'

export { contains, withBothCases } from './char-set.ts'
export { LazyAutomaton, type Position } from './lazy-automaton.ts'
export type { Pattern } from './pattern.ts'
export { Program, TooLarge } from './program.ts'
export { RegExpError } from './regexp-error.ts'
export { type Syntax, syntaxKey } from './syntax.ts'

/** Explanations for features of other engines that this one lacks. */
const unsupported: readonly (readonly [RegExp, string])[] = [
  [/^\(\?<?[=!]/, 'look-around is not supported'],
  [/^\\[1-9]/, 'back references are not supported'],
  [/^\\[pP]/, 'unknown Unicode property'],
  [/^\[:/, 'unknown character class'],
]

/** Special characters of a pattern, and escapes of them. */
const parts = /\\Q.*?(?:\\E|$)|\\.|\[\^?\]?(?:\[:\w+:\]|\\.|[^\]\\])*\]|[()|]/gs

const shortestStart = 3

/** The first unmatched closing parenthesis, or the last unclosed one. */
function unpaired(pattern: string): number {
  const open: number[] = []
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
 * Compiles a regular expression in RE2 syntax, as Tetragon's filters use it: unsupported features
 * (look-around, back references) are refused, so that a pattern has the same meaning everywhere. A
 * match usually takes a few nanoseconds per character, in the worst case per character and
 * instruction of the pattern, so large patterns are refused too (regexp-size.ts).
 * @throws RegExpError with the position of the error
 */
export function compileRegExp(pattern: string): Pattern {
  const general = compileRe2(pattern)
  const syntax = parseSyntax(pattern)
  if (syntax === undefined) return generalPattern(pattern, general)
  // Compiled again if it is needed after all: most are not, and they are large.
  return new LazyPattern(syntax, () => generalPattern(pattern, compileRe2(pattern)))
}

/** A pattern that `compileRegExp` has checked elsewhere: it is parsed when it is needed. */
export function restorePattern(pattern: string): Pattern {
  const makeGeneral = (): Pattern => generalPattern(pattern, compileRe2(pattern))
  return new LazyPattern(() => parseSyntax(pattern), makeGeneral)
}

function generalPattern(pattern: string, compiled: RE2JS): Pattern {
  return compileAnchored(pattern) ?? withStart(pattern, compiled)
}

/**
 * A pattern that matches at the start of a text only. The engine's search would read the whole text
 * anyway; compared with the whole text, it ends at the first character that excludes a match.
 * @returns undefined for other patterns, and for invalid ones
 */
function compileAnchored(pattern: string): Pattern | undefined {
  const isAnchored = /^(?:\(\?[is]+\))?\^(?![*+?{])/.test(pattern)
  if (!isAnchored || !isOneBranch(pattern)) return undefined
  checkEstimate(pattern)
  let whole: RE2JS
  try {
    whole = RE2JS.compile(`(?:${pattern})(?s:.*)`)
  } catch {
    return undefined
  }
  checkSize(pattern, whole.programSize())
  return { test: (text) => whole.testExact(text) }
}

/**
 * The engine quickly finds that a text lacks a pattern's prefix, but not with case ignored. In that
 * case a search for the prefix runs first.
 */
function withStart(pattern: string, compiled: Pattern): Pattern {
  const start = foldedStart(pattern)
  if (start === undefined) return compiled
  const search = new RegExp(start, 'iu')
  return { test: (text) => search.test(text) && compiled.test(text) }
}

/** Prefix of each match of a pattern such as `(?i)secret=`; undefined for others. */
function foldedStart(pattern: string): string | undefined {
  const [, letters, next] = /^\(\?[ims]*i[ims]*\)([\w-]+)(.?)/s.exec(pattern) ?? []
  if (letters === undefined || !isOneBranch(pattern)) return undefined
  const start = '*?{'.includes(next) && next !== '' ? letters.slice(0, -1) : letters
  return start.length >= shortestStart ? start : undefined
}

/** Whether it has no `|` outside of groups, and no `)` without its `(`. */
function isOneBranch(pattern: string): boolean {
  let depth = 0
  for (const [part] of pattern.matchAll(parts)) {
    if (part === '(') depth++
    else if (part === ')') depth--
    if (depth < 0 || (part === '|' && depth === 0)) return false
  }
  return true
}

/** A match, and the positions of its groups, from 0; -1 for a group that did not match. */
export interface GroupMatch {
  readonly index: number
  readonly groups: readonly (readonly [from: number, to: number])[]
}

/** A compiled regular expression with groups. */
export interface GroupPattern extends Pattern {
  /**
   * Number of its instructions: in the worst case, a character of a text takes some time for each.
   */
  readonly size: number
  /** All matches in a text. Each takes linear time, so all together may take quadratic time. */
  matches(text: string): Iterable<GroupMatch>
}

/**
 * The same for an expression whose groups are used.
 * @throws RegExpError, also if it has no group
 */
export function compileGroups(pattern: string): GroupPattern {
  const compiled = compileRe2(pattern)
  if (compiled.groupCount() === 0) throw new RegExpError(pattern, 0, 'there is no group')
  const { test } = withStart(pattern, { test: (text) => compiled.test(text) })
  return {
    test,
    size: compiled.programSize(),
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
  checkEstimate(pattern)
  const compiled = parseRe2(pattern)
  checkSize(pattern, compiled.programSize())
  return compiled
}

function parseRe2(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern)
  } catch (error) {
    if (error instanceof RE2JSSyntaxException) throw explain(pattern, error)
    throw new RegExpError(pattern, 0, (error as Error).message)
  }
}
