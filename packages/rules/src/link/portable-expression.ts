import { Network } from '@tetragon-ts/policy/networks'
import type { FieldRef } from '../log-sources/field-ref.ts'
import type { Expression } from '../model/expression.ts'
import type { Test } from '../model/test.ts'
import { restoredRegexpTest } from '../modifiers/re.ts'

/** A test as JSON. */
type PortableTest =
  | Exclude<Test, { kind: 'regexp' | 'network' | 'number' | 'date' }>
  | Omit<Extract<Test, { kind: 'regexp' }>, 'pattern'>
  | Omit<Extract<Test, { kind: 'network' }>, 'network'>
  | Written<'number'>
  | Written<'date'>

/** A test of numbers, some of which are not in JSON. */
type Written<Kind extends 'number' | 'date'> = Omit<Extract<Test, { kind: Kind }>, 'number'> & {
  readonly number: string
}

/** A condition as JSON, without the places where it is written. */
export type PortableExpression =
  | { readonly kind: 'and' | 'or'; readonly of: readonly PortableExpression[] }
  | { readonly kind: 'not'; readonly of: PortableExpression }
  | { readonly kind: 'test'; readonly field: FieldRef; readonly test: PortableTest }

/** A condition as JSON. */
export function portable(expression: Expression): PortableExpression {
  switch (expression.kind) {
    case 'test': {
      const { kind, field, test } = expression
      return { kind, field, test: portableTest(test) }
    }
    case 'not':
      return { kind: 'not', of: portable(expression.of) }
    default:
      return { kind: expression.kind, of: expression.of.map(portable) }
  }
}

/** A condition from JSON. */
export function restored(expression: PortableExpression): Expression {
  switch (expression.kind) {
    case 'test':
      return { ...expression, test: restoredTest(expression.test) }
    case 'not':
      return { kind: 'not', of: restored(expression.of) }
    default:
      return { kind: expression.kind, of: expression.of.map(restored) }
  }
}

function portableTest(test: Test): PortableTest {
  switch (test.kind) {
    case 'regexp': {
      const { pattern, ...written } = test
      return written
    }
    case 'network': {
      const { network, ...written } = test
      return written
    }
    case 'number':
    case 'date':
      return { ...test, number: String(test.number) }
    default:
      return test
  }
}

function restoredTest(test: PortableTest): Test {
  switch (test.kind) {
    case 'regexp':
      return restoredRegexpTest(test.source, test.flags)
    case 'network': {
      const network = Network.parse(test.written)
      if (network === undefined) throw new Error(`restore rules: ${test.written} is not a network`)
      return { ...test, network }
    }
    case 'number':
    case 'date':
      return { ...test, number: Number(test.number) }
    default:
      return test
  }
}
