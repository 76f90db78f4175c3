import { createHash } from 'node:crypto'

/** Maximum length of a key, in UTF-16 units. */
const longest = 256

/**
 * A key of bounded length for a text, which may be as long as the arguments of a program. Digests
 * keep different texts apart, also if an attacker chooses them.
 */
export function boundedKey(text: string): string {
  return text.length <= longest ? text : createHash('sha256').update(text).digest('base64')
}
