import type { Bytes } from '@tetragon-ts/ebpf/lang'
import type { ArgumentTest } from '@tetragon-ts/policy'
import type { HookContext } from '../hook/hook-context.ts'
import { testArguments } from '../operators/index.ts'
import type { Operand } from '../operators/operator.ts'
import { answersOfKernel } from './run-condition.ts'

/**
 * The kernel's answers to a test of arguments, which a program finds in each of the inputs.
 * @param loops written out as on kernels without bpf_loop, whatever this one has
 */
export function answersToTest(
  test: ArgumentTest,
  operands: (input: Bytes) => readonly Operand[],
  inputs: readonly Uint8Array[],
  loops?: 'written out',
): boolean[] {
  return answersOfKernel(
    (_, input, context) => testArguments(operands(input), test, context as HookContext),
    inputs,
    loops,
  )
}
