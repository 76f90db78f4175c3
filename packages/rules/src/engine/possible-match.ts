import type { EventRecord } from '../log-sources/field.ts'
import type { Expression } from '../model/expression.ts'
import { valueTest } from './test-value.ts'

/**
 * Whether a condition can be true of an event of which some fields are known. Undefined: other
 * fields decide.
 * @param known values of the event's own fields; a field that is missing has the value `undefined`
 */
export function possibleMatch(expression: Expression, known: EventRecord): boolean | undefined {
  switch (expression.kind) {
    case 'test': {
      const { field, test } = expression
      if (test.kind === 'field' || field.of !== 'event') return undefined
      return Object.hasOwn(known, field.path) ? valueTest(test)(known[field.path]) : undefined
    }
    case 'not': {
      const inner = possibleMatch(expression.of, known)
      return inner === undefined ? undefined : !inner
    }
    default: {
      const decisive = expression.kind === 'or'
      let isOpen = false
      for (const each of expression.of) {
        const value = possibleMatch(each, known)
        if (value === decisive) return decisive
        if (value === undefined) isOpen = true
      }
      return isOpen ? undefined : !decisive
    }
  }
}
