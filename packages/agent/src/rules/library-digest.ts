import { createHash } from 'node:crypto'
import type { RuleText } from './rule-texts.ts'

/**
 * Identifies what was prepared: it differs if a text, its path in the folder, their order or the
 * level differs.
 * @param folder of the texts, with a slash at its end
 */
export function libraryDigest(texts: readonly RuleText[], folder: string): string {
  const parts = texts.map(({ path, text, least }) => [path.slice(folder.length), least, text])
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}
