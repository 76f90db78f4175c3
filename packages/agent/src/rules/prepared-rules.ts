import type { RuleText } from './rule-texts.ts'
import type { RulesInForce } from './rules-in-force.ts'

/** Detection rules that a thread has read and checked, as data for the reader's thread. */
export interface PreparedRules {
  /** Filters of rules by number, as JSON: the reader restores one after the other. */
  readonly filters: readonly (readonly [number: number, text: string])[]
  /** Lists of rules as JSON, some in each. */
  readonly rules: readonly string[]
  /** As JSON. */
  readonly correlations: string
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
