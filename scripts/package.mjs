// `npm run package`: builds, and writes the host packages to .cache/package: a Debian package, an
// rpm package and a tarball with the executable, and tetra as a single file for Node.js. It needs
// dpkg-deb, rpmbuild and tar.
// `node scripts/package.mjs [deb] [rpm] [tar] [tetra] [fast] [FOLDER]` does it with what is built,
// by default all of them. With `fast` they are compressed little, for tests. Beside them are bills
// of materials, checksums of the files of this run, and signatures (docs/verify.md). Packages of
// other versions stay.

import { rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describeArtefacts } from './bill/describe-artefacts.mjs'
import { signingKey } from './bill/signatures.mjs'
import { requireBuild } from './programs.mjs'
import { root, runScript } from './setup.mjs'

await runScript(async () => {
  requireBuild()
  const key = signingKey()
  // They import what the build makes.
  const { buildExecutable } = await import('./executable/build.mjs')
  const { packageKinds, writePackages } = await import('./package/write-packages.mjs')
  const words = process.argv.slice(2)
  const named = words.find((word) => word !== 'fast' && !packageKinds.includes(word))
  const folder = resolve(named ?? join(root, '.cache/package'))
  const given = packageKinds.filter((kind) => words.includes(kind))
  const wanted = given.length > 0 ? given : packageKinds
  const work = join(folder, 'executable')
  const build = () => buildExecutable(work)
  const artefacts = await writePackages(folder, wanted, build, words.includes('fast'))
  rmSync(work, { recursive: true, force: true })
  describeArtefacts(folder, artefacts, key)
  console.log(artefacts.map(({ file }) => file).join('\n'))
})
