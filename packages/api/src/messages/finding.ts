import type { MessageOf } from '../message.ts'
import { bool, many, message, nested, string, uint64 } from '../message.ts'

/** Levels of findings, from the lowest. */
export const findingLevels = ['informational', 'low', 'medium', 'high', 'critical'] as const

/**
 * Whether the kernel executed the action of a rule when it was found: `in_force`,
 * `partly_in_force` at some of the hooks, `monitor`: only counted, or `not_in_force`.
 */
export const actionStates = ['in_force', 'partly_in_force', 'monitor', 'not_in_force'] as const
export type ActionState = (typeof actionStates)[number]

/** A field whose value made a rule match. */
export const MatchedField = message('MatchedField', {
  /** As the rule writes it: `CommandLine`. */
  field: string(1),
  /** The value, or the part of a long one around what matched. */
  value: string(2),
})
export type MatchedField = MessageOf<typeof MatchedField>

/** A detection rule, or a correlation of several, that matches an event. */
export const Finding = message('Finding', {
  /** Id of the rule; its name or title if it has none. */
  rule: string(1),
  title: string(2),
  /** As in Sigma: `high`; absent if the rule has none. */
  level: string(3),
  /** Techniques of ATT&CK: `T1053.003`. */
  techniques: many(string(4)),
  fields: many(nested(5, MatchedField)),
  /** Equal findings of the same lineage that were left out since the last one. */
  repeated: uint64(6),
  /** Of a correlation: events were lost within its timespan. */
  uncertain: bool(7),
  /** Of a correlation: exec ids of the processes that it is about. */
  exec_ids: many(string(8)),
  /** `kill` or `block`: what the kernel does if the rule matches; absent: it only detects. */
  action: string(9),
  /** Whether the action was in force; see {@link actionStates}. */
  action_state: string(10),
})
export type Finding = MessageOf<typeof Finding>
