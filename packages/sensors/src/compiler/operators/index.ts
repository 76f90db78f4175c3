import type { Condition } from '@tetragon-ts/ebpf/lang'
import type { ArgumentTest, TestOperator } from '@tetragon-ts/policy'
import type { HookContext } from '../hook-context.ts'
import { capabilitiesGainedOperator } from './capabilities-gained.ts'
import { celOperator } from './cel.ts'
import { fileTypeOperator } from './file-type.ts'
import {
  equalOperator,
  inMapOperator,
  maskOperator,
  orderOperator,
  rangeOperator,
} from './integer.ts'
import { networkOperator } from './network.ts'
import type { Operand, Operator } from './operator.ts'
import { portOperator, protocolOperator } from './socket.ts'
import { substringOperator } from './substring.ts'
import { textOperator } from './text.ts'

/** All operators: one that the language has and that is missing here does not compile. */
const operators: { readonly [N in TestOperator]: Operator<N> } = {
  equal: equalOperator,
  greater: orderOperator,
  less: orderOperator,
  mask: maskOperator,
  range: rangeOperator,
  'in-map': inMapOperator,
  'equal-string': textOperator,
  prefix: textOperator,
  postfix: textOperator,
  substring: substringOperator,
  'substring-ignore-case': substringOperator,
  'source-address': networkOperator,
  'destination-address': networkOperator,
  'source-port': portOperator,
  'destination-port': portOperator,
  protocol: protocolOperator,
  family: protocolOperator,
  state: protocolOperator,
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
