// The version of what is built from this checkout; `node scripts/version.mjs` prints it.

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sourceFacts } from './source-facts.mjs'

/** Hexadecimal digits of the hash that identify a commit. */
const hashDigits = 8

/**
 * The version as npm, Helm and image tags have it. package.json has that of the latest release. A
 * commit with the tag of that release (`v0.1.0`) has it, and so have sources without git. Other
 * commits have a development version of the next minor one, `0.2.0-dev.20260102030405.g0123abcd`
 * for example. The commit's time makes that of a later commit newer; shallow clones do not know the
 * number of commits.
 * @param root the folder of the sources
 * @param given a version that is used instead, by default TETRAGON_VERSION
 */
export function buildVersion(root, given = process.env.TETRAGON_VERSION) {
  if (given) return given
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const { commit, time, modified } = sourceFacts(root)
  if (commit === undefined) return version
  const suffix = modified === 'true' ? '.modified' : ''
  if (suffix === '' && tagsOf(root).includes(`v${version}`)) return version
  const [major, minor] = version.split('.')
  const number = time.replaceAll(/\D/g, '')
  return `${major}.${Number(minor) + 1}.0-dev.${number}.g${commit.slice(0, hashDigits)}${suffix}`
}

function tagsOf(root) {
  const { stdout } = spawnSync('git', ['-C', root, 'tag', '--points-at', 'HEAD'])
  return stdout.toString().split('\n')
}

/**
 * The same for Debian and rpm, which order `~` before the end:
 * `0.2.0~dev20260102030405+g0123abcd`.
 */
export function packageVersion(version) {
  return version.replace(/-dev\.(\d+)\./, '~dev$1+').replace('-', '~')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(buildVersion(fileURLToPath(new URL('..', import.meta.url))))
}
