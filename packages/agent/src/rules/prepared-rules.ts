/** Detection rules that a thread has read and checked, as data for the reader's thread. */
export interface PreparedRules {
  /** Serialized rules, some in each: the reader restores one after the other. */
  readonly rules: readonly Uint8Array[]
  readonly correlations: Uint8Array
  /** Why some rules are left out, one line each. */
  readonly errors: readonly string[]
}
