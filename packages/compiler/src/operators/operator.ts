import type { Condition } from '@tetragon-ts/ebpf/lang'
import type { ArgumentTest, CelList, TestOperator } from '@tetragon-ts/policy'
import type { ArgumentValue, Facet, Text } from '../arguments/argument-type.ts'
import type { HookContext } from '../hook/hook-context.ts'

/** An argument as operators see it: its facets, and its text if it has one. */
export interface Operand {
  readonly list: CelList
  /** Its index in the hook's `args` or `data`; 0 for the return value. */
  readonly position: number
  readonly value: ArgumentValue
  readonly text: Text | undefined
}

/** The code of one or more operators. */
export interface Operator<N extends TestOperator = TestOperator> {
  /** Facets of each argument that it uses; types without them do not support it. */
  needs(test: ArgumentTest<N>, operand: Pick<Operand, 'list' | 'position'>): Facet
  /** Why the kernel does not support this test; undefined if it does. */
  limit?(test: ArgumentTest<N>): string | undefined
  /**
   * A cheap test before the text is read: false only if the value certainly does not match.
   * Undefined if there is none.
   */
  early?(value: ArgumentValue, test: ArgumentTest<N>, context: HookContext): Condition | undefined
  /** Whether the value matches; the caller handles `not`. */
  condition(operands: readonly Operand[], test: ArgumentTest<N>, context: HookContext): Condition
}
