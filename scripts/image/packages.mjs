// External files of the image: Node.js, and libraries from Debian's archive. They are cached in a
// folder; delete it to get newer packages.

import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DebianArchive } from '@tetragon-ts/test/archives'
import { debianComponent, nodeComponent } from '../bill/components.mjs'
import { nodeRelease } from '../node-release.mjs'

const suite = 'trixie'
const suites = [{ suites: [suite], securitySuites: [`${suite}-security`] }]
const gcc = 'GPL-3.0-or-later WITH GCC-exception-3.1'
/** Licences of the libraries, from their copyright files. */
const licences = { libc6: 'LGPL-2.1-or-later', 'libgcc-s1': gcc, 'libstdc++6': gcc }
/** `gcc-14-base` has the copyright of the libraries of GCC. */
const libraries = [...Object.keys(licences), 'gcc-14-base']

/**
 * Unpacks the packages below `folder`, once.
 * @returns the folders `node` and `debian`, and the `components` in them
 * @throws Error if there is no Node.js for this processor architecture
 */
export async function imagePackages(folder) {
  const ready = join(folder, libraries.join('+'))
  const node = await nodeRelease()
  if (!existsSync(join(ready, 'versions'))) await unpackLibraries(folder, ready)
  const files = readFileSync(join(ready, 'versions'), 'utf8').trim().split('\n')
  const fromDebian = files
    .map((file) => debianComponent(file, suite, licences[file.split('_')[0]]))
    .filter(({ name }) => name in licences)
  return { node, debian: join(ready, 'debian'), components: [nodeComponent(node), ...fromDebian] }
}

async function unpackLibraries(folder, ready) {
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
}
