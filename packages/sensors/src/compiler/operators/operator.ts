import type { Condition } from '@tetragon-ts/ebpf/lang'
import type { ArgumentTest, TestOperator } from '@tetragon-ts/policy'
import type { ArgumentValue, Facet, Text } from '../arguments/argument-type.ts'
import type { HookContext } from '../hook-context.ts'

/** An argument as operators see it: what was read of it, and its text if it has one. */
export interface Operand {
  /** Its place in the hook's `args` or `data`; 0 for the result. */
  readonly position: number
  readonly value: ArgumentValue
  readonly text: Text | undefined
}

/** What the code of operators is built with: less than a whole hook. */
export type CodeContext = Pick<HookContext, 'k' | 'scratch' | 'map'>

/** The code of one or more operators. */
export interface Operator<N extends TestOperator = TestOperator> {
  /** What of each argument it looks at; types that lack it cannot be tested with it. */
  needs(test: ArgumentTest<N>): Facet
  /** What the kernel does not allow of this test; undefined if it can be built. */
  limit?(test: ArgumentTest<N>): string | undefined
  /** Whether the value is one of the test's; `not` is added by the caller. */
  condition(operands: readonly Operand[], test: ArgumentTest<N>, context: HookContext): Condition
}
