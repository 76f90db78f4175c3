import type { FilterExpiry, NeededOption, RuleAction, RulePolicy } from '@tetragon-ts/rules'

/** A detection rule or correlation in force. */
export interface RuleInForce {
  /** Its id; its title if it has none. */
  readonly rule: string
  readonly title: string
  readonly level: string
  readonly techniques: readonly string[]
  /** The log source; of a correlation, its type. */
  readonly source: string
  readonly file: string
  /** What the kernel does if it matches; empty: nothing. */
  readonly action: RuleAction | ''
}

/** A filter of rules in force. */
export interface FilterInForce {
  /** Its id; its title if it has none. */
  readonly filter: string
  readonly title: string
  readonly file: string
  readonly line: number
  readonly owner: string
  readonly expires: FilterExpiry | undefined
  /** Ids of the rules in force; titles of those without. */
  readonly rules: readonly string[]
  /** Whether the kernel may decide it, with a rule that kills or blocks. */
  readonly isEnforced: boolean
  /** Whether it had expired when the rules were read: the kernel does not decide it then. */
  readonly wasExpired: boolean
}

/** Detection rules that were loaded. */
export interface RulesInForce {
  readonly rules: readonly RuleInForce[]
  readonly filters: readonly FilterInForce[]
  /** Why rules are left out. */
  readonly errors: readonly string[]
  /** Policies that show them what they have to see. */
  readonly policies: readonly RulePolicy[]
  /** Options of the agent without which fields are missing, and the rules that have these. */
  readonly needs: readonly OptionNeed[]
  /** Errors of each file that has some, one line each. */
  readonly byFile: ReadonlyMap<string, readonly string[]>
  /** Number of events that were written before the first rules were in force: none has findings. */
  readonly early: number
}

/** An option that rules need. */
export interface OptionNeed {
  readonly option: NeededOption
  /** Ids of the rules; titles of those without. */
  readonly rules: readonly string[]
}

/** Something that rules need and that is not there: calls of a hook, or fields of an option. */
export interface RuleGap {
  /** What the rules do not see. */
  readonly what: string
  readonly reason: string
  /** Ids of the rules; titles of those without. */
  readonly rules: readonly string[]
  /** The action that is not in force; undefined: rules do not see calls of the hook. */
  readonly action?: RuleAction | undefined
}

/** Errors of a required text: the rules are as before. */
export interface RulesRefused {
  readonly refused: readonly string[]
}

/** Without files of rules. */
export const noRules: RulesInForce = {
  rules: [],
  filters: [],
  errors: [],
  policies: [],
  needs: [],
  byFile: new Map(),
  early: 0,
}
