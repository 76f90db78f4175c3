import type { Expression } from '../model/expression.ts'
import type { Test } from '../model/test.ts'
import { fold } from '../text/fold.ts'
import { compareFields } from './compared-fields.ts'
import { readField, type Subject } from './subject.ts'
import { valueTest } from './test-value.ts'

/** A field whose value made a rule match. */
export interface MatchedField {
  /** As the rule writes it. */
  readonly field: string
  readonly value: string
  /** The part of the value that a literal of the rule matches, in UTF-16 units. */
  readonly range?: readonly [from: number, to: number]
}

/**
 * The fields that made a condition true: of alternatives the first one, nothing for negations.
 * Takes as long as a naive evaluation, and is meant for findings only.
 */
export function matchedFields(expression: Expression, subject: Subject): MatchedField[] {
  const found: MatchedField[] = []
  collect(expression, subject, found)
  const seen = new Set<string>()
  return found.filter(({ field, range }) => {
    const key = `${field} ${range}`
    return !seen.has(key) && seen.add(key)
  })
}

/** @returns whether the condition is true; if so, its fields were added */
function collect(expression: Expression, subject: Subject, found: MatchedField[]): boolean {
  const before = found.length
  switch (expression.kind) {
    case 'and':
      if (expression.of.every((each) => collect(each, subject, found))) return true
      found.length = before
      return false
    case 'or':
      return expression.of.some((each) => collect(each, subject, found))
    case 'not': {
      const inner = collect(expression.of, subject, found)
      found.length = before
      return !inner
    }
    case 'test': {
      const { field, test } = expression
      if (test.kind === 'field') {
        return compareFields({ field, test }, (each) => readField(each, subject))
      }
      const value = readField(field, subject)
      const matches = valueTest(test)
      if (!matches(value)) return false
      const text = typeof value === 'string' ? value : value?.find((each) => matches(each))
      if (text !== undefined)
        found.push({ field: field.written, value: text, ...range(test, text) })
      return true
    }
  }
}

/** Where the longest literal is; folding may change positions of texts that are not ASCII. */
function range(test: Test, value: string): { range?: readonly [number, number] } {
  if (test.kind !== 'text') return {}
  const literals = test.text.filter((part) => typeof part === 'string')
  const longest = literals.reduce((best, each) => (each.length > best.length ? each : best), '')
  const folded = fold(value)
  if (longest === '' || folded.length !== value.length) return {}
  const isLast = test.text.at(-1) === longest
  const at = isLast ? value.length - longest.length : folded.indexOf(fold(longest))
  return at < 0 ? {} : { range: [at, at + longest.length] }
}
