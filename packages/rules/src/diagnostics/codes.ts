/** All diagnostic codes of rules, with their meaning. */
export const ruleCodes = {
  RULE_YAML: 'The file is not YAML, or too large.',
  RULE_EMPTY: 'The file contains no rule.',
  RULE_DUPLICATE_KEY: 'A field appears twice.',
  RULE_UNKNOWN_FIELD: 'The log source has no field of this name.',
  RULE_MISSING_FIELD: 'A required field is missing.',
  RULE_TYPE: 'The value has the wrong type; the message says which type is expected.',
  RULE_VALUE: 'The value is not allowed; the message says why.',
  RULE_MODIFIER: 'The modifier does not exist, or cannot be used here.',
  RULE_REGEXP: 'The regular expression is invalid, or uses a feature that RE2 does not have.',
  RULE_CONDITION: 'The condition is invalid.',
  RULE_LOG_SOURCE: 'The log source does not exist.',
  RULE_UNANSWERABLE: 'Events of a host cannot answer the rule; the message says why.',
  RULE_REFERENCE: 'A filter or correlation names a rule that does not exist, or itself.',
  RULE_ENFORCEMENT: 'The kernel cannot decide the rule in time: it detects, but enforces nothing.',
  RULE_REACH: 'The rule kills or blocks programs that a host needs.',
  RULE_EXPIRED: 'The date in `expires` has passed: the filter excepts nothing any more.',
  RULE_LIMIT: 'The rule is larger than the engine allows.',
} as const satisfies Record<`RULE_${string}`, string>

export type RuleCode = keyof typeof ruleCodes
