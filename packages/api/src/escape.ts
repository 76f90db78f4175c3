import { escapeCodePoint, everyUnprintable, isPrintable } from './printable.ts'

/**
 * Makes text from outside safe for a terminal and for one line: characters that are not printable
 * become escape sequences (`\n`, `\x1b`, `\u202e`), all others, backslashes too, stay as they are.
 */
export function escapeUnprintable(text: string): string {
  return isPrintable(text) ? text : text.replace(everyUnprintable, escapeCodePoint)
}
