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
}

/** Detection rules that were loaded. */
export interface RulesInForce {
  readonly rules: readonly RuleInForce[]
  /** Why rules are left out. */
  readonly errors: readonly string[]
  /** Errors of each file that has some, one line each. */
  readonly byFile: ReadonlyMap<string, readonly string[]>
}

/** Errors of a required text: the rules are as before. */
export interface RulesRefused {
  readonly refused: readonly string[]
}

/** Without files of rules. */
export const noRules: RulesInForce = { rules: [], errors: [], byFile: new Map() }
