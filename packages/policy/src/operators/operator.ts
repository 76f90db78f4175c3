import type { Enumerated } from '../fields/crd-order.ts'
import type { ArgumentKind, ArgumentTypeName } from './argument-facts.ts'
import type { BadValue } from './bad-value.ts'

/** Parses one value of a condition. */
export type Read<T> = (text: string) => T | BadValue

/** The values of a condition in the document. */
export interface WrittenValues {
  /** Type of the argument that they are compared with. */
  readonly type: ArgumentTypeName
  readonly texts: readonly string[]
  /** Parses all values; invalid ones are reported and omitted. */
  all<T>(read: Read<T>): T[]
}

/** Documentation of operators; those that share an object share a row of the reference page. */
export interface OperatorDoc {
  readonly values: string
  readonly meaning: string
}

interface OperatorFacts extends Enumerated {
  /** Supported kinds of arguments. If the kind is unknown, all operators are allowed. */
  readonly kinds: readonly ArgumentKind[]
  /** Number of values. */
  readonly count: 'some' | 'one' | 'none'
  /** Whether none of the values may match. */
  readonly negated?: true
  /** Spellings that documents may use but that are not in the CRD of the original. */
  readonly aliases?: readonly string[]
  readonly doc: OperatorDoc
}

/** An operator on one argument, or on a pair of them, old and new. */
interface ArgumentOperator<T> extends OperatorFacts {
  readonly operands?: 'one' | 'pair'
  /**
   * Parses its values for a supported argument. Negated operators use the parser of the operator
   * that they negate.
   */
  read(values: WrittenValues): T
}

/** An operator that refers to arguments in its value, which is parsed with all of them. */
interface NamingOperator extends OperatorFacts {
  readonly operands: 'named'
  readonly read?: undefined
}

/** Complete definition of an operator of matchArgs, matchData and matchReturnArgs. */
export type Operator<T extends object = object> = ArgumentOperator<T> | NamingOperator

/** A test with one of a family's operators, whose values are `V`. */
export type TestOf<V> = {
  readonly [O in keyof V]: { readonly operator: O } & V[O]
}[keyof V]

/** The operators of a family by name, and their tests. */
export type OperatorFamily<V> = Readonly<Record<string, Operator<TestOf<V> & object>>>

/** Both ends are included. */
export type Range = readonly [from: bigint, to: bigint]
