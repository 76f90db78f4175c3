import type { ImageTest, Logic } from '@tetragon-ts/policy'
import type { RuleAction } from './rule.ts'

/**
 * A policy that shows rules what they have to see, or that enforces one. Plain data, for another
 * thread.
 */
export interface RulePolicy {
  readonly name: string
  /** The function that it hooks. */
  readonly hook: string
  readonly text: string
  /** The rules that need it, by id; by title without one. */
  readonly rules: readonly string[]
  /** What is loaded if the kernel does not offer the hook. */
  readonly instead: readonly RulePolicy[]
  /** Of a policy that enforces: conditions that its text cannot have, by hook and selector. */
  readonly enforces?: {
    readonly action: RuleAction
    readonly conditions: readonly (readonly (Logic<ImageTest> | undefined)[])[]
  }
}
