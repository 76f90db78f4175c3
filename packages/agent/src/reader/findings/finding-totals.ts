/** Findings of a rule since the start. */
export interface FindingCount {
  /** Id of the rule; its title if it has none. */
  readonly id: string
  /** Title of the rule. */
  readonly rule: string
  readonly level: string
  readonly count: number
}

/** Findings of detection rules since the start. */
export interface FindingTotals {
  readonly rules: readonly FindingCount[]
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
  excepted: 0,
  folded: 0,
  omitted: 0,
  failed: 0,
  unmatched: 0,
  early: 0,
}
