import type { FieldRef } from '../log-sources/field-ref.ts'
import type { Test } from './test.ts'

/** A condition: tests of fields, joined. */
export type Expression =
  | { readonly kind: 'and'; readonly of: readonly Expression[] }
  | { readonly kind: 'or'; readonly of: readonly Expression[] }
  | { readonly kind: 'not'; readonly of: Expression }
  | {
      readonly kind: 'test'
      readonly field: FieldRef
      readonly test: Test
      /** Where the field is written; undefined: nowhere. */
      readonly at?: WrittenAt
    }

/** A place in a file of rules. */
export interface WrittenAt {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** Joins conditions; one alone stays itself. Of none, `and` is true and `or` is false. */
export function join(kind: 'and' | 'or', of: readonly Expression[]): Expression {
  return of.length === 1 ? of[0] : { kind, of }
}

/** All tests, in order. */
export function* testsOf(expression: Expression): Generator<Extract<Expression, { kind: 'test' }>> {
  if (expression.kind === 'test') yield expression
  else if (expression.kind === 'not') yield* testsOf(expression.of)
  else for (const each of expression.of) yield* testsOf(each)
}

/** The value of a condition that no test decides; undefined if one does. */
export function constantOf(expression: Expression): boolean | undefined {
  switch (expression.kind) {
    case 'test':
      return undefined
    case 'not': {
      const inner = constantOf(expression.of)
      return inner === undefined ? undefined : !inner
    }
    default: {
      const decisive = expression.kind === 'or'
      const values = expression.of.map(constantOf)
      if (values.includes(decisive)) return decisive
      return values.includes(undefined) ? undefined : !decisive
    }
  }
}
