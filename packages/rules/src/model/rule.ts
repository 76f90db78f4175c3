import type { findingLevels } from '@tetragon-ts/api'
import type { WrittenLogSource } from '../log-sources/find-log-source.ts'
import type { LogSourceName } from '../log-sources/index.ts'
import type { Expression } from './expression.ts'
import type { FilterExpiry } from './filter-expiry.ts'

export type Level = (typeof findingLevels)[number]

export const statuses = ['unsupported', 'deprecated', 'experimental', 'test', 'stable'] as const
export type Status = (typeof statuses)[number]

export const ruleActions = ['kill', 'block'] as const
/**
 * What the kernel does when a rule matches: `kill` ends the program before its first instruction,
 * `block` refuses the operation.
 */
export type RuleAction = (typeof ruleActions)[number]

/** An action, and where it is written. */
export interface WrittenAction {
  readonly name: RuleAction
  readonly file: string
  readonly line: number
  readonly column: number
}

/** What rules and correlations have alike. */
export interface RuleHead {
  readonly title: string
  readonly id?: string
  readonly name?: string
  readonly description?: string
  readonly status?: Status
  readonly level?: Level
  readonly tags: readonly string[]
  /** ATT&CK techniques of the tags, such as `T1059.004`. */
  readonly techniques: readonly string[]
  readonly references: readonly string[]
  readonly falsePositives: readonly string[]
  readonly author?: string
  readonly file: string
  /** From 1: the first line of the document. */
  readonly line: number
}

/** A checked rule. */
export interface Rule extends RuleHead {
  readonly kind: 'rule'
  readonly logSource: LogSourceName
  readonly written: WrittenLogSource
  readonly condition: Expression
  readonly action?: WrittenAction | undefined
}

/** An action for rules of other files: they need not be changed for it. */
export interface RuleEnforcement {
  readonly kind: 'enforcement'
  readonly title: string
  /** Ids or names of rules. */
  readonly rules: readonly string[]
  readonly action: WrittenAction
  readonly file: string
  readonly line: number
}

/** Exceptions of rules, kept apart from them. */
export interface RuleFilter {
  readonly kind: 'filter'
  readonly title: string
  readonly id?: string
  readonly written: WrittenLogSource
  /** Ids or names of rules; undefined: all. */
  readonly rules: readonly string[] | undefined
  /** Who answers for the exception. */
  readonly owner?: string | undefined
  /** Undefined: it never expires. */
  readonly expires?: FilterExpiry | undefined
  readonly condition: FilterCondition
  readonly file: string
  readonly line: number
  readonly column: number
}

/**
 * The condition for a log source, since the meaning of names depends on it; undefined if that log
 * source lacks a field.
 */
export type FilterCondition = (logSource: LogSourceName) => Expression | undefined

export const correlationTypes = [
  ...(['event_count', 'value_count', 'temporal', 'temporal_ordered'] as const),
] as const
export type CorrelationType = (typeof correlationTypes)[number]

/** Rules that match together. */
export interface Correlation extends RuleHead {
  readonly kind: 'correlation'
  readonly type: CorrelationType
  /** Ids or names of rules and correlations, as written. */
  readonly rules: readonly string[]
  /** Fields, or names of `aliases`, whose values must be equal. */
  readonly groupBy: readonly string[]
  /** Fields by rule for each alias. */
  readonly aliases: ReadonlyMap<string, ReadonlyMap<string, string>>
  readonly timespanMs: number
  /** Number of events, different values or different rules that make it match. */
  readonly least: number
  /** Fields whose values are counted, of value_count. */
  readonly valueFields: readonly string[]
  /** Whether the rules also fire alone. */
  readonly generate: boolean
}

/** A document of a file of rules. */
export type RuleItem = Rule | RuleFilter | RuleEnforcement | Correlation
