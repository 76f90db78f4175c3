import type { Level } from '@tetragon-ts/rules'
import { prepareTexts } from './prepare-texts.ts'
import { libraryDigest, type PreparedLibrary } from './prepared-library.ts'
import { readRuleTexts } from './rule-texts.ts'

/**
 * Reads and checks the rules of the library when the agent is built: agents whose library has the
 * same texts need not do it again.
 * @param folder with a slash at its end
 * @returns the text of a file; see `preparedLibrary`
 * @throws Error if a rule has an error, or an action
 */
export function prepareLibrary(folder: string, least: Level): string {
  const { texts, errors } = readRuleTexts([], { folder, least })
  const relative = texts.map((each) => ({ ...each, path: each.path.slice(folder.length) }))
  const { refused, inForce, ...rules } = prepareTexts({ texts: relative })
  const { byFile, early, errors: leftOut, ...content } = inForce
  const faults = [...errors, ...leftOut]
  if (faults.length > 0) throw new Error(`prepare the library's rules: ${faults.join('\n')}`)
  const enforcing = content.policies.find(({ enforces }) => enforces !== undefined)
  if (enforcing !== undefined) {
    throw new Error(
      `prepare the library's rules: ${enforcing.rules.join()} must not have an action`,
    )
  }
  const first = relative[0].path
  const prepared: PreparedLibrary = {
    ...{ first, digest: libraryDigest(texts, folder), rules, inForce: content },
  }
  return JSON.stringify(prepared)
}
