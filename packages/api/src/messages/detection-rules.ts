import type { MessageOf } from '../message.ts'
import { bool, many, message, nested, string, uint32, uint64 } from '../message.ts'
import { TracingPolicyStatus } from './policy-status.ts'

/** Messages of the service `tetragonts.DetectionRules`, which Tetragon does not have. */

export const AddRulesRequest = message('AddRulesRequest', {
  /** Names the rules for DeleteRules; another text of this name is replaced. */
  name: string(1),
  /** A file of rules, filters and correlations in Sigma's format. */
  text: string(2),
})
export type AddRulesRequest = MessageOf<typeof AddRulesRequest>

export const AddRulesResponse = message('AddRulesResponse', {
  /** Rules and correlations in force, of all files. */
  count: uint32(1),
})
export type AddRulesResponse = MessageOf<typeof AddRulesResponse>

export const DeleteRulesRequest = message('DeleteRulesRequest', { name: string(1) })
export type DeleteRulesRequest = MessageOf<typeof DeleteRulesRequest>

export const DeleteRulesResponse = message('DeleteRulesResponse', { count: uint32(1) })
export type DeleteRulesResponse = MessageOf<typeof DeleteRulesResponse>

/** What a filter excepts of a rule. */
export const ExceptedMatches = message('ExceptedMatches', {
  /** Id of the filter; its title if it has none. */
  filter: string(1),
  count: uint64(2),
  /** Time of the last one, RFC 3339. */
  last: string(3),
})
export type ExceptedMatches = MessageOf<typeof ExceptedMatches>

/** A filter of rules in force. */
export const FilterStatus = message('FilterStatus', {
  /** Its id; its title if it has none. */
  filter: string(1),
  title: string(2),
  file: string(3),
  /** Who answers for it. */
  owner: string(4),
  /** The last day on which it excepts, as `2027-01-31`; empty: it does not expire. */
  expires: string(5),
  expired: bool(6),
  /** Ids of its rules; titles of those without. */
  rules: many(string(7)),
})
export type FilterStatus = MessageOf<typeof FilterStatus>

/** A rule or correlation in force. */
export const RuleStatus = message('RuleStatus', {
  /** Its id; its title if it has none. */
  rule: string(1),
  title: string(2),
  level: string(3),
  techniques: many(string(4)),
  /** The log source; of a correlation, its type. */
  source: string(5),
  /** The path of its file, or the name with which it was added. */
  file: string(6),
  /** Findings since the start of the agent, with those that no event shows. */
  findings: uint64(7),
  /** Hooks that it needs and that could not be attached, with the reason. */
  unseen: many(string(8)),
  /** `kill` or `block`: what the kernel does if it matches; empty: it only detects. */
  action: string(9),
  /** Why the action is not in force. */
  not_enforced: many(string(10)),
  /** Findings that no event shows: repeats, and those beyond the room of an event. */
  repeated: uint64(11),
  too_many: uint64(12),
  /** Time of the last finding, RFC 3339; empty: there was none. */
  last_finding: string(13),
  /** Matches without a finding of their own. */
  excepted: many(nested(14, ExceptedMatches)),
  /** How often its condition was evaluated since the rules were read; not of correlations. */
  evaluations: uint64(15),
})
export type RuleStatus = MessageOf<typeof RuleStatus>

export const ListRulesRequest = message('ListRulesRequest', {})
export type ListRulesRequest = MessageOf<typeof ListRulesRequest>

export const ListRulesResponse = message('ListRulesResponse', {
  rules: many(nested(1, RuleStatus)),
  /** Why rules of files are left out, with file, line and column. */
  left_out: many(string(2)),
  /** Names of the texts that were added. */
  added: many(string(3)),
  /** Findings that no event shows: excepted by a filter, repeated, beyond the room of an event. */
  excepted: uint64(4),
  repeated: uint64(5),
  too_many: uint64(6),
  /** The policies that the rules need, which lists of policies omit. */
  policies: many(nested(7, TracingPolicyStatus)),
  filters: many(nested(8, FilterStatus)),
  /** Whether the agent has started and its first rules are not in force yet. */
  starting: bool(9),
})
export type ListRulesResponse = MessageOf<typeof ListRulesResponse>
