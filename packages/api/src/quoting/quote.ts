import { escapeCodePoint, everyUnprintable, isPrintable } from './printable.ts'

/**
 * Quotes text like Go's strconv.Quote. JavaScript strings can contain lone surrogates, which are
 * written as `\udXXX`. U+FFFD is printable and unchanged, since it may have been in the text or
 * have replaced an invalid byte.
 */
export function quote(text: string): string {
  const escaped = text.replace(/["\\]/g, '\\$&')
  return `"${isPrintable(escaped) ? escaped : escaped.replace(everyUnprintable, escapeCodePoint)}"`
}

/** Quotes text that contains a blank or unprintable characters; other text is unchanged. */
export function maybeQuote(text: string): string {
  return text.includes(' ') || !isPrintable(text) ? quote(text) : text
}
