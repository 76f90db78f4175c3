import { writeWildcards } from '../text/wildcard.ts'
import type { Expression } from './expression.ts'
import type { Test } from './test.ts'

/** Values of a list that are shown. */
const shownMax = 20
const indentation = '  '

/** A condition as indented lines, one for each test. */
export function expressionLines(expression: Expression, indent = ''): string[] {
  switch (expression.kind) {
    case 'test':
      return [`${indent}${expression.field.written} ${testText(expression.test)}`]
    case 'not':
      return [`${indent}not`, ...expressionLines(expression.of, indent + indentation)]
    default: {
      const shown = expression.of.slice(0, shownMax)
      const left = expression.of.length - shown.length
      const inner = indent + indentation
      return [
        `${indent}${expression.kind === 'and' ? 'all of' : 'one of'}`,
        ...shown.flatMap((each) => expressionLines(each, inner)),
        ...(left > 0 ? [`${inner}and ${left} more`] : []),
      ]
    }
  }
}

/** A test in words. */
export function testText(test: Test): string {
  switch (test.kind) {
    case 'text':
      return `${test.cased ? 'is exactly' : 'is'} ${JSON.stringify(writeWildcards(test.text))}`
    case 'regexp':
      return `matches /${test.source}/${test.flags}`
    case 'network':
      return `is in ${test.written}`
    case 'number':
      return `is ${test.comparison} ${test.number}`
    case 'date':
      return `has ${test.part} ${test.comparison} ${test.number}`
    case 'exists':
      return test.wanted ? 'exists' : 'does not exist'
    case 'null':
      return 'is missing'
    case 'field': {
      const other = typeof test.other === 'string' ? test.other : test.other.written
      const how = { whole: 'is', start: 'starts with', end: 'ends with', anywhere: 'contains' }
      return `${how[test.position]} the value of ${other}`
    }
  }
}
