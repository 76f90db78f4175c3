// External files of the image: Node.js, and libraries from Debian's archive. They are cached in a
// folder; delete it to get newer packages.

import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DebianArchive } from '@tetragon-ts/test/archives'
import { nodeRelease } from '../node-release.mjs'

const suites = [{ suites: ['trixie'], securitySuites: ['trixie-security'] }]
/** `gcc-14-base` has the copyright of the libraries of GCC. */
const libraries = ['libc6', 'libgcc-s1', 'libstdc++6', 'gcc-14-base']

/**
 * Unpacks the packages below `folder`, once.
 * @returns {Promise<{ node: string, debian: string }>} the folders
 * @throws Error if there is no Node.js for this processor architecture
 */
export async function imagePackages(folder) {
  const ready = join(folder, libraries.join('+'))
  const folders = { node: await nodeRelease(), debian: join(ready, 'debian') }
  if (existsSync(join(ready, 'versions'))) return folders
  const work = `${folder}.work`
  rmSync(work, { recursive: true, force: true })
  mkdirSync(join(work, 'ready'), { recursive: true })
  const { archive, problems } = await DebianArchive.open(join(work, 'apt'), suites)
  if (problems.length > 0) throw new Error(`fetch package lists: ${problems.join('; ')}`)
  const names = await archive.unpack(libraries, join(work, 'ready/debian'))
  writeFileSync(join(work, 'ready/versions'), names.map((name) => `${name}\n`).join(''))
  mkdirSync(folder, { recursive: true })
  rmSync(ready, { recursive: true, force: true })
  renameSync(join(work, 'ready'), ready)
  rmSync(work, { recursive: true })
  return folders
}
