import { declare, type MessageOf, RedactionFilter } from '@tetragon-ts/api'

/**
 * A redaction filter of the option. `redact` is Tetragon's: patterns for the text shown in events,
 * where an argument with a blank is in quotes. `redact_arguments` is ours: patterns for the
 * arguments as the program received them, without quotes and separated by zero bytes, so that
 * `[^\x00]*` matches a whole argument whatever it contains.
 */
export const RedactionRule = declare.message('RedactionFilter', {
  ...RedactionFilter.fields,
  redact_arguments: declare.many(declare.string(1000)),
})
export type RedactionRule = MessageOf<typeof RedactionRule>
