/** All error codes of this package besides those of diagnostics: by class, with their meaning. */
export const errorCodes = {
  FieldPathError: { unknown_field: 'No event has a field of this path.' },
  FilterError: { invalid_filter: 'The filter cannot be evaluated; the message says why.' },
  LabelSelectorError: { invalid_label_selector: 'The text is not a label selector.' },
  RegExpError: {
    invalid_regular_expression:
      'The regular expression is invalid, or uses a feature that RE2 does not have.',
  },
} as const satisfies Record<string, Record<string, string>>

/** The codes of one class of errors. */
export type ErrorCodeOf<Class extends keyof typeof errorCodes> = keyof (typeof errorCodes)[Class]
