// The packages of a build, as artefacts (bill/describe-artefacts.mjs).

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { npmComponent } from '../bill/components.mjs'
import { bundleTetraFile, version } from '../programs.mjs'
import { root } from '../setup.mjs'
import { buildTime } from '../source-facts.mjs'
import { writeDebianPackage, writeTarball } from './archives.mjs'
import { assembleFiles } from './files.mjs'
import { writeRpm } from './rpm.mjs'

/** Those with the executable. */
const writers = { deb: writeDebianPackage, rpm: writeRpm, tar: writeTarball }

/** What can be written. */
export const packageKinds = [...Object.keys(writers), 'tetra']

/**
 * Writes packages to a folder, and the files in them to its folder `files`.
 * @param kinds of packageKinds
 * @param executable builds the executable (executable/build.mjs), if a package needs it
 * @param fast whether they are compressed little
 * @returns {Promise<object[]>} artefacts, in the order of packageKinds
 * @throws SetupError if a program that packs is missing or fails
 */
export async function writePackages(folder, kinds, executable, fast) {
  mkdirSync(folder, { recursive: true })
  const files = join(folder, 'files')
  const time = buildTime(root)
  const artefacts = []
  const wanted = Object.keys(writers).filter((kind) => kinds.includes(kind))
  if (wanted.length > 0) {
    const built = await executable()
    assembleFiles(files, built)
    for (const kind of wanted) {
      const file = writers[kind](files, folder, version, time, fast)
      artefacts.push({ file, version, components: built.components })
    }
  }
  if (kinds.includes('tetra')) {
    const file = join(folder, `tetra-${version}.cjs`)
    const packages = await bundleTetraFile(file)
    artefacts.push({ file, version, components: packages.map(npmComponent) })
  }
  return artefacts
}
