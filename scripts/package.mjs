// `npm run package`: builds, and writes the host packages to .cache/package: a Debian package and a
// tarball with the agent and tetra, and tetra as a single file. It needs dpkg-deb and tar.
// `node scripts/package.mjs` does it with what is built; `node scripts/package.mjs deb` writes the
// Debian package only. With `fast` they are compressed little, for tests. Packages of other
// versions stay.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { bundleTetraFile, requireBuild, version } from './programs.mjs'
import { root, runScript } from './setup.mjs'
import { sourceFacts } from './source-facts.mjs'

await runScript(async () => {
  requireBuild()
  // They import what the build makes.
  const { assembleFiles } = await import('./package/files.mjs')
  const { writeDebianPackage, writeTarball } = await import('./package/archives.mjs')
  const folder = join(root, '.cache/package')
  const files = join(folder, 'files')
  mkdirSync(folder, { recursive: true })
  const tetra = join(folder, `tetra-${version}.cjs`)
  await bundleTetraFile(tetra)
  assembleFiles(files, tetra)
  const time = Math.floor(Date.parse(sourceFacts(root).time ?? new Date().toISOString()) / 1000)
  const words = process.argv.slice(2)
  const fast = words.includes('fast')
  console.log(writeDebianPackage(files, folder, time, fast))
  if (words.includes('deb')) return
  console.log(`${writeTarball(files, folder, time, fast)}\n${tetra}`)
})
