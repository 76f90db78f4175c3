// `npm run release`: builds, and writes all files of a release to .cache/release/VERSION, signed
// with TETRAGON_SIGNING_KEY. docs/contributing.md has all steps.
//
// `node scripts/release.mjs prepare VERSION` changes the sources to a new version. `node
// scripts/release.mjs [--dry-run] [fast] [FOLDER]` does it with what is built. With `--dry-run`
// any commit will do: the version is that of a build, and what a release would refuse is printed.
// With `fast` files are compressed little, for tests. `node scripts/release.mjs publish
// [--dry-run] [--plain-http] [FOLDER]` publishes it: the image and the chart in TETRAGON_REGISTRY,
// which must have been the same for writing, and packages for npm.

import { join, resolve } from 'node:path'
import { signingKey } from './bill/signatures.mjs'
import { requireBuild, version } from './programs.mjs'
import { missingForRelease } from './release/conditions.mjs'
import { prepareRelease } from './release/prepare.mjs'
import { root, runScript, SetupError } from './setup.mjs'

const flags = ['--dry-run', '--plain-http', 'fast']

const commands = {
  prepare([to]) {
    const paths = prepareRelease(root, to, new Date().toISOString().slice(0, 10))
    console.log(`changed: ${paths.join(', ')}`)
    console.log(`review and commit, then: git tag v${to} && npm run release`)
  },
  async write(words, folder) {
    requireBuild()
    const missing = missingForRelease(root, version)
    if (missing.length > 0 && !words.includes('--dry-run')) {
      throw new SetupError(['make a release: not possible yet', ...missing].join('\n  '))
    }
    for (const each of missing) console.log(`a release would be refused: ${each}`)
    const { writeRelease } = await import('./release/write-release.mjs')
    const files = await writeRelease(folder, signingKey(), words.includes('fast'))
    console.log(files.join('\n'))
  },
  async publish(words, folder) {
    const { publishRelease } = await import('./release/publish.mjs')
    const options = {
      plainHttp: words.includes('--plain-http'),
      dryRun: words.includes('--dry-run'),
    }
    publishRelease(folder, signingKey(), options)
  },
}

await runScript(() => {
  const words = process.argv.slice(2)
  const command = words[0] in commands ? words.shift() : 'write'
  const [named, ...more] = words.filter((word) => !flags.includes(word))
  if (more.length > 0 || named?.startsWith('-')) {
    throw new SetupError(`make a release: unknown word '${more[0] ?? named}'`)
  }
  const folder = resolve(named ?? join(root, '.cache/release', version))
  return commands[command](command === 'prepare' ? [named] : words, folder)
})
