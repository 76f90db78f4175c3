import { type CapabilitiesGainedTests, capabilitiesGainedOperators } from './capabilities-gained.ts'
import { type EqualityTests, equalityOperators } from './equality.ts'
import { type ExpressionTests, expressionOperators } from './expression.ts'
import { type FileTypeTests, fileTypeOperators } from './file-type.ts'
import { type IntegerTests, integerOperators } from './integer.ts'
import type { Operator, WrittenValues } from './operator.ts'
import { type SocketTests, socketOperators } from './socket.ts'
import { type TextTests, textOperators } from './text.ts'

// The families of operators, and what follows from them. A new operator is an entry in its family;
// this file changes only for a new family.

// Not a list that is read from the folder at run time: bundles have no folders, and the compiler
// derives all types of names from this object, so that a name without code does not compile. The
// CRDs list names in the order of Tetragon's, which follows no rule: `crdPosition`; new names have
// none and follow the others.

const families = {
  ...equalityOperators,
  ...integerOperators,
  ...textOperators,
  ...socketOperators,
  ...fileTypeOperators,
  ...capabilitiesGainedOperators,
  ...expressionOperators,
}

/**
 * Values of each operator. They are alternatives. Signed values are given as such; the compiler
 * truncates.
 */
export interface TestValues
  extends EqualityTests,
    IntegerTests,
    TextTests,
    SocketTests,
    FileTypeTests,
    CapabilitiesGainedTests,
    ExpressionTests {}
export type TestOperator = keyof TestValues

/** A test of an argument, by one of the operators `N`. */
export type ArgumentTest<N extends TestOperator = TestOperator> = {
  readonly [O in N]: { readonly operator: O } & TestValues[O]
}[N]

/** An operator of matchArgs, matchData and matchReturnArgs, as the CRD spells it. */
export type ArgumentOperator = keyof typeof families

/** All operators, in the order of the reference page. */
export const operators: Readonly<Record<ArgumentOperator, Operator>> = families

/** Operators whose values are parsed for one argument; others refer to arguments in their value. */
export type ValueOperator = {
  [N in ArgumentOperator]: (typeof families)[N] extends { read: unknown } ? N : never
}[ArgumentOperator]

interface Reader {
  read(values: WrittenValues): ArgumentTest
}

/** Parsers of the operators' values. */
export const readers: { readonly [N in ValueOperator]: Reader } = families

/** Whether an operator's values are parsed for one argument. */
export function isValueOperator(operator: ArgumentOperator): operator is ValueOperator {
  return operators[operator].read !== undefined
}
