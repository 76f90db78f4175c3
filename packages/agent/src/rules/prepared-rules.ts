import type { RuleText } from './rule-texts.ts'
import type { RulesInForce } from './rules-in-force.ts'

/** Detection rules that a thread has read and checked, as data for the reader's thread. */
export interface PreparedRules {
  /** Serialized rules, some in each: the reader restores one after the other. */
  readonly rules: readonly Uint8Array[]
  readonly correlations: Uint8Array
  readonly inForce: RulesInForce
  /** Errors of the text that must not have any. */
  readonly refused: readonly string[]
}

/** What the thread reads. */
export interface RulesToRead {
  readonly texts: readonly RuleText[]
  /** Path of a text that must not have errors. */
  readonly required?: string | undefined
}
