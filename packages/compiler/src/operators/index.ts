import type { Condition } from '@tetragon-ts/ebpf/lang'
import type { ArgumentTest, TestOperator } from '@tetragon-ts/policy'
import type { ArgumentValue } from '../arguments/argument-type.ts'
import type { HookContext } from '../hook/hook-context.ts'
import { capabilitiesGainedOperators } from './capabilities-gained.ts'
import { celOperators } from './cel.ts'
import { fileTypeOperators } from './file-type.ts'
import { integerOperators } from './integer.ts'
import { networkOperators } from './network.ts'
import type { Operand, Operator } from './operator.ts'
import { socketOperators } from './socket.ts'
import { substringOperators } from './substring.ts'
import { textOperators } from './text.ts'

/**
 * All operators, by family: one that the language has and that none of the families has does not
 * compile.
 */
const operators: { readonly [N in TestOperator]: Operator<N> } = {
  ...integerOperators,
  ...socketOperators,
  ...textOperators,
  ...substringOperators,
  ...networkOperators,
  ...capabilitiesGainedOperators,
  ...fileTypeOperators,
  ...celOperators,
}

/** The code of a test's operator. */
export function operatorOf<N extends TestOperator>(test: ArgumentTest<N>): Operator<N> {
  return operators[test.operator]
}

/** Whether a test can fail before the argument's text is read. */
export function isTestedEarly(test: ArgumentTest): boolean {
  return operatorOf(test).early !== undefined
}

/** The part of a test that is possible before the argument's text is read. */
export function testEarly(
  value: ArgumentValue,
  test: ArgumentTest,
  context: HookContext,
): Condition {
  return operatorOf(test).early?.(value, test, context) ?? context.k.constant(0).eq(0)
}

/** Whether a test matches these arguments. */
export function testArguments(
  operands: readonly Operand[],
  test: ArgumentTest,
  context: HookContext,
): Condition {
  return operatorOf(test).condition(operands, test, context)
}
