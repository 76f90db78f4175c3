import type { Enumerated } from '../schema/crd-order.ts'
import type { ArgumentKind, ArgumentTypeName } from './argument-facts.ts'
import type { BadValue } from './bad-value.ts'

/** Reads one value of a condition. */
export type Read<T> = (text: string) => T | BadValue

/** The values of a condition as the document has them. */
export interface WrittenValues {
  /** Of the argument that they are compared with. */
  readonly type: ArgumentTypeName
  readonly texts: readonly string[]
  /** Reads all values; reports those that are wrong and leaves them out. */
  all<T>(read: Read<T>): T[]
}

/** Describes operators; those that share an object share a row of the reference page. */
export interface OperatorDoc {
  readonly values: string
  readonly meaning: string
}

interface OperatorFacts extends Enumerated {
  /** Kinds of arguments that it takes. Where the kind is unknown, all operators are possible. */
  readonly kinds: readonly ArgumentKind[]
  /** How many values it takes. */
  readonly count: 'some' | 'one' | 'none'
  /** Whether it asks that none of the values fit. */
  readonly negated?: true
  /** Spellings that documents use and the CRD of the original does not have. */
  readonly aliases?: readonly string[]
  readonly doc: OperatorDoc
}

/** An operator on one argument, or on a pair of them, old and new. */
interface ArgumentOperator<T> extends OperatorFacts {
  readonly operands?: 'one' | 'pair'
  /**
   * Reads its values for an argument that it takes. Negated operators read the test that they
   * negate.
   */
  read(values: WrittenValues): T
}

/** An operator on arguments that its value names: the value is read together with all of them. */
interface NamingOperator extends OperatorFacts {
  readonly operands: 'named'
  readonly read?: undefined
}

/** All that the language defines for one operator of matchArgs, matchData and matchReturnArgs. */
export type Operator<T extends object = object> = ArgumentOperator<T> | NamingOperator

/** A test by one of a family's operators, whose values are `V`. */
export type TestOf<V> = {
  readonly [O in keyof V]: { readonly operator: O } & V[O]
}[keyof V]

/** The operators of a family by their names, and the tests that they read. */
export type OperatorFamily<V> = Readonly<Record<string, Operator<TestOf<V> & object>>>

/** Both ends belong to a range. */
export type Range = readonly [from: bigint, to: bigint]
