import type { Condition } from '@tetragon-ts/ebpf/lang'
import type { ArgumentTest, TestOperator } from '@tetragon-ts/policy'
import type { HookContext } from '../hook-context.ts'
import { capabilitiesGainedOperator } from './capabilities-gained.ts'
import { celOperator } from './cel.ts'
import { fileTypeOperator } from './file-type.ts'
import { integerOperators } from './integer.ts'
import { networkOperator } from './network.ts'
import type { Operand, Operator } from './operator.ts'
import { socketOperators } from './socket.ts'
import { substringOperator } from './substring.ts'
import { textOperator } from './text.ts'

/** All operators: one that the language has and that is missing here does not compile. */
const operators: { readonly [N in TestOperator]: Operator<N> } = {
  ...integerOperators,
  ...socketOperators,
  'equal-string': textOperator,
  prefix: textOperator,
  postfix: textOperator,
  substring: substringOperator,
  'substring-ignore-case': substringOperator,
  'source-address': networkOperator,
  'destination-address': networkOperator,
  'capabilities-gained': capabilitiesGainedOperator,
  'file-type': fileTypeOperator,
  cel: celOperator,
}

/** The code of a test's operator. */
export function operatorOf<N extends TestOperator>(test: ArgumentTest<N>): Operator<N> {
  return operators[test.operator]
}

/** Whether a test holds for these arguments. */
export function testArguments(
  operands: readonly Operand[],
  test: ArgumentTest,
  context: HookContext,
): Condition {
  return operatorOf(test).condition(operands, test, context)
}
