import { readField, type Subject } from '../engine/subject.ts'
import type { FieldValue } from '../log-sources/field.ts'
import type { Expression } from '../model/expression.ts'
import type { Test } from '../model/test.ts'
import { fold } from '../text/fold.ts'

/**
 * Evaluates a condition as the specification reads: each test on the value of its field, with
 * regular expressions of JavaScript. The engine is compared with it; nothing is shared but the way
 * fields are read and case is folded.
 */
export function naivelyMatches(expression: Expression, subject: Subject): boolean {
  switch (expression.kind) {
    case 'and':
      return expression.of.every((each) => naivelyMatches(each, subject))
    case 'or':
      return expression.of.some((each) => naivelyMatches(each, subject))
    case 'not':
      return !naivelyMatches(expression.of, subject)
    case 'test':
      return matchesTest(expression.test, readField(expression.field, subject), subject)
  }
}

function matchesTest(test: Test, value: FieldValue, subject: Subject): boolean {
  const values = value === undefined ? [] : typeof value === 'string' ? [value] : value
  switch (test.kind) {
    case 'null':
      return value === undefined
    case 'exists':
      return (value !== undefined) === test.wanted
    case 'field': {
      if (typeof test.other === 'string') throw new Error('the other field was not found')
      const others = [readField(test.other, subject) ?? []].flat()
      return values.some((one) => others.some((other) => fold(one) === fold(other)))
    }
    case 'text': {
      const cased = (text: string) => (test.cased ? text : fold(text))
      const source = test.text.map((part) => {
        if (typeof part !== 'string') return part === 0 ? '[^]*' : '[^]'
        return cased(part).replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
      })
      const pattern = new RegExp(`^${source.join('')}$`, 'u')
      return values.some((one) => pattern.test(cased(one)))
    }
    case 'regexp':
      return values.some((one) => new RegExp(test.source, `${test.flags}u`).test(one))
    case 'number':
      return values.some((one) => compared(Number(one), test.comparison, test.number))
    case 'network':
    case 'date':
      throw new Error(`the naive evaluator has no ${test.kind}`)
  }
}

function compared(value: number, comparison: string, number: number): boolean {
  if (comparison === 'lt') return value < number
  if (comparison === 'lte') return value <= number
  if (comparison === 'gt') return value > number
  return comparison === 'gte' ? value >= number : value === number
}
