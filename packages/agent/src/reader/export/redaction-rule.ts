import { declare, type MessageOf, RedactionFilter } from '@tetragon-ts/api'

/**
 * A redaction filter as the option takes it. `redact` is Tetragon's: patterns for the text that
 * events show, in which an argument with a blank is in quotes. `redact_arguments` is ours: patterns
 * for the arguments as the program got them, without quotes, with a zero byte between them, so that
 * `[^\x00]*` is a whole argument whatever is in it.
 */
export const RedactionRule = declare.message('RedactionFilter', {
  ...RedactionFilter.fields,
  redact_arguments: declare.many(declare.string(1000)),
})
export type RedactionRule = MessageOf<typeof RedactionRule>
