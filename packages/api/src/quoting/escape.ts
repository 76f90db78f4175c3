import { escapeCodePoint, everyUnprintable, isPrintable } from './printable.ts'

/**
 * Makes untrusted text safe for a terminal and for one line: unprintable characters become escape
 * sequences (`\n`, `\x1b`, `\u202e`), all others, including backslashes, are unchanged.
 */
export function escapeUnprintable(text: string): string {
  return isPrintable(text) ? text : text.replace(everyUnprintable, escapeCodePoint)
}
