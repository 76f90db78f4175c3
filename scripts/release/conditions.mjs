// Conditions for a release.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sourceFacts } from '../source-facts.mjs'
import { sectionOf } from './changelog.mjs'

/**
 * @param root the folder of the sources
 * @param built version of what is built (version.mjs): that of package.json only at its tag
 * @returns {string[]} what is missing, each with what to do; empty if the release can be made
 */
export function missingForRelease(root, built, env = process.env) {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const { commit, modified } = sourceFacts(root)
  const changelog = readFileSync(join(root, 'CHANGELOG.md'), 'utf8')
  const missing = []
  if (commit === undefined) missing.push('use a git checkout: these sources have no commit')
  if (modified === 'true') missing.push('commit or revert the changes of this checkout')
  if (built !== version) missing.push(`tag the commit of the release: git tag v${version}`)
  if (!sectionOf(changelog, version)) {
    missing.push(
      `add the section '## ${version}' to CHANGELOG.md: node scripts/release.mjs prepare`,
    )
  }
  if (!env.TETRAGON_SIGNING_KEY) missing.push('set TETRAGON_SIGNING_KEY: nothing would be signed')
  return missing
}
