// `npm run package`: builds, and writes the host packages to .cache/package: a Debian package, an
// rpm package and a tarball with the executable, and tetra as a single file for Node.js. It needs
// dpkg-deb, rpmbuild and tar.
// `node scripts/package.mjs [deb] [rpm] [tar] [tetra] [fast] [FOLDER]` does it with what is built,
// by default all of them. With `fast` they are compressed little, for tests. Beside them are bills
// of materials, checksums of the files of this run, and signatures (docs/verify.md). Packages of
// other versions stay.

import { mkdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { npmComponent } from './bill/components.mjs'
import { describeArtefacts } from './bill/describe-artefacts.mjs'
import { signingKey } from './bill/signatures.mjs'
import { bundleTetraFile, requireBuild, version } from './programs.mjs'
import { root, runScript } from './setup.mjs'
import { buildTime } from './source-facts.mjs'

const kinds = ['deb', 'rpm', 'tar', 'tetra']

await runScript(async () => {
  requireBuild()
  const key = signingKey()
  // They import what the build makes.
  const { buildExecutable } = await import('./executable/build.mjs')
  const { assembleFiles } = await import('./package/files.mjs')
  const { writeDebianPackage, writeTarball } = await import('./package/archives.mjs')
  const { writeRpm } = await import('./package/rpm.mjs')
  const words = process.argv.slice(2)
  const named = words.find((word) => word !== 'fast' && !kinds.includes(word))
  const folder = resolve(named ?? join(root, '.cache/package'))
  const given = kinds.filter((kind) => words.includes(kind))
  const wanted = given.length > 0 ? given : kinds
  const time = buildTime(root)
  const fast = words.includes('fast')
  const archives = {
    deb: () => writeDebianPackage(files, folder, version, time, fast),
    rpm: () => writeRpm(files, folder, version, time, fast),
    tar: () => writeTarball(files, folder, version, time, fast),
  }
  const files = join(folder, 'files')
  mkdirSync(folder, { recursive: true })
  const artefacts = []
  if (wanted.some((kind) => kind in archives)) {
    const work = join(folder, 'executable')
    const executable = await buildExecutable(work)
    assembleFiles(files, executable)
    rmSync(work, { recursive: true })
    const { components } = executable
    for (const kind of wanted.filter((each) => each in archives)) {
      artefacts.push({ file: archives[kind](), version, components })
    }
  }
  if (wanted.includes('tetra')) {
    const file = join(folder, `tetra-${version}.cjs`)
    const packages = await bundleTetraFile(file)
    artefacts.push({ file, version, components: packages.map(npmComponent) })
  }
  describeArtefacts(folder, artefacts, key)
  console.log(artefacts.map(({ file }) => file).join('\n'))
})
