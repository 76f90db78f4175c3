// `npm run package`: builds, and writes the host packages to .cache/package: a Debian package and a
// tarball with the agent and tetra, and tetra as a single file. It needs dpkg-deb and tar.
// `node scripts/package.mjs` does it with what is built; `node scripts/package.mjs deb` writes the
// Debian package only. With `fast` they are compressed little, for tests. Beside them are bills of
// materials, checksums of the files of this run, and signatures (docs/verify.md). Packages of other
// versions stay.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { npmComponent } from './bill/components.mjs'
import { mergePackages } from './bill/contained-packages.mjs'
import { describeArtefacts } from './bill/describe-artefacts.mjs'
import { signingKey } from './bill/signatures.mjs'
import { bundleTetraFile, requireBuild, version } from './programs.mjs'
import { root, runScript } from './setup.mjs'
import { buildTime } from './source-facts.mjs'

await runScript(async () => {
  requireBuild()
  const key = signingKey()
  // They import what the build makes.
  const { assembleFiles } = await import('./package/files.mjs')
  const { writeDebianPackage, writeTarball } = await import('./package/archives.mjs')
  const folder = join(root, '.cache/package')
  const files = join(folder, 'files')
  mkdirSync(folder, { recursive: true })
  const tetra = join(folder, `tetra-${version}.cjs`)
  const inTetra = await bundleTetraFile(tetra)
  const packages = mergePackages(assembleFiles(files, tetra), inTetra)
  const time = buildTime(root)
  const words = process.argv.slice(2)
  const fast = words.includes('fast')
  const artefact = (file, contained) => {
    return { file, version, components: contained.map(npmComponent) }
  }
  const artefacts = [artefact(writeDebianPackage(files, folder, time, fast), packages)]
  if (!words.includes('deb')) {
    artefacts.push(artefact(writeTarball(files, folder, time, fast), packages))
    artefacts.push(artefact(tetra, inTetra))
  }
  describeArtefacts(folder, artefacts, key)
  console.log(artefacts.map(({ file }) => file).join('\n'))
})
