import { escapeCodePoint, everyUnprintable, isPrintable } from './printable.ts'

/**
 * Quotes text as Go's strconv.Quote does. JavaScript strings can hold what Go's cannot: a lone
 * surrogate is written as `\udXXX`. U+FFFD is printable and stays, since whether it stood in the
 * text or replaced an invalid byte is no longer known.
 */
export function quote(text: string): string {
  const escaped = text.replace(/["\\]/g, '\\$&')
  return `"${isPrintable(escaped) ? escaped : escaped.replace(everyUnprintable, escapeCodePoint)}"`
}

/** Quotes text that holds a blank or anything not printable; leaves other text alone. */
export function maybeQuote(text: string): string {
  return text.includes(' ') || !isPrintable(text) ? quote(text) : text
}
