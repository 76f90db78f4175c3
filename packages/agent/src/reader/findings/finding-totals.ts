/** What a filter has excepted of a rule since the start. */
export interface ExceptedCount {
  /** Id of the filter; its title if it has none. */
  readonly filter: string
  readonly count: number
  /** Of the last one, in milliseconds since 1970. */
  readonly lastMs: number
}

/** Findings of a rule since the start. */
export interface FindingCount {
  /** Id of the rule; its title if it has none. */
  readonly id: string
  /** Title of the rule. */
  readonly rule: string
  readonly level: string
  /** With those that are in no event. */
  readonly count: number
  /** Repeats that were left out. */
  readonly folded: number
  /** Findings that events had no room for. */
  readonly omitted: number
  /** Of the last finding, in milliseconds since 1970; 0: there was none. */
  readonly lastMs: number
  /** Matches without a finding of their own. */
  readonly excepted: readonly ExceptedCount[]
}

/** Findings of detection rules since the start. */
export interface FindingTotals {
  readonly rules: readonly FindingCount[]
  /** How often rules in force were evaluated, by id; by title without one. */
  readonly evaluations: readonly (readonly [id: string, count: number])[]
  /** Matches that filters except. */
  readonly excepted: number
  /** Repeats that were left out. */
  readonly folded: number
  /** Findings that events had no room for. */
  readonly omitted: number
  /** Events on which a rule failed. */
  readonly failed: number
  /** Events of policies for rules that were dropped: they had no finding. */
  readonly unmatched: number
  /** Events that were written before the first rules were in force. */
  readonly early: number
}

/** No findings. */
export const noFindings: FindingTotals = {
  rules: [],
  evaluations: [],
  excepted: 0,
  folded: 0,
  omitted: 0,
  failed: 0,
  unmatched: 0,
  early: 0,
}
