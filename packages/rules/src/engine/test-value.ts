import { Address } from '@tetragon-ts/policy/networks'
import type { FieldValue } from '../log-sources/field.ts'
import type { Comparison, DatePart, Test } from '../model/test.ts'
import { fold } from '../text/fold.ts'
import { mapLiterals, matchesWildcards } from '../text/wildcard.ts'

/** Evaluates a test on the value of a field. */
export type ValueTest = (value: FieldValue) => boolean

/**
 * Compiles a test. A field with several values matches if one of them does; a missing one matches
 * only `null` and `exists: false`.
 * @param test not one that compares two fields
 */
export function valueTest(test: Exclude<Test, { kind: 'field' }>): ValueTest {
  if (test.kind === 'null') return (value) => value === undefined
  if (test.kind === 'exists') return (value) => (value !== undefined) === test.wanted
  const matches = textTest(test)
  return (value) => {
    if (value === undefined) return false
    return typeof value === 'string' ? matches(value) : value.some(matches)
  }
}

function textTest(
  test: Exclude<Test, { kind: 'field' | 'null' | 'exists' }>,
): (text: string) => boolean {
  switch (test.kind) {
    case 'text': {
      if (test.cased) return (text) => matchesWildcards(test.text, text)
      const folded = mapLiterals(test.text, fold)
      return (text) => matchesWildcards(folded, fold(text))
    }
    case 'regexp':
      return (text) => test.pattern.test(text)
    case 'network':
      return (text) => Address.parse(text)?.isIn(test.network) ?? false
    case 'number':
      return (text) => compare(numberOf(text), test.comparison, test.number)
    case 'date':
      return (text) => compare(datePart(new Date(text), test.part), test.comparison, test.number)
  }
}

/** NaN for texts that are not numbers: no comparison with it is true. */
function numberOf(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text)
}

function compare(value: number, comparison: Comparison, number: number): boolean {
  switch (comparison) {
    case 'lt':
      return value < number
    case 'lte':
      return value <= number
    case 'gt':
      return value > number
    case 'gte':
      return value >= number
    case 'eq':
      return value === number
  }
}

const dayMs = 86_400_000

/** NaN for an invalid date. */
function datePart(date: Date, part: DatePart): number {
  switch (part) {
    case 'minute':
      return date.getUTCMinutes()
    case 'hour':
      return date.getUTCHours()
    case 'day':
      return date.getUTCDate()
    case 'month':
      return date.getUTCMonth() + 1
    case 'year':
      return date.getUTCFullYear()
    case 'week': {
      // The week of a date is that of its Thursday (ISO 8601).
      const weekday = (date.getUTCDay() + 6) % 7
      const thursday = date.getTime() + (3 - weekday) * dayMs
      const year = new Date(thursday).getUTCFullYear()
      return Math.floor((thursday - Date.UTC(year, 0, 1)) / dayMs / 7) + 1
    }
  }
}
