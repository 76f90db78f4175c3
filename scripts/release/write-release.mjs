// All files of a release, in one folder with one list of checksums.

import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { architecture } from '@tetragon-ts/test/archives'
import { describeArtefacts } from '../bill/describe-artefacts.mjs'
import { buildExecutable } from '../executable/build.mjs'
import { compress } from '../executable/compress.mjs'
import { chartReference, imageReference, writeImage } from '../image/write-image.mjs'
import { packPackages } from '../npm/pack-packages.mjs'
import { packageKinds, writePackages } from '../package/write-packages.mjs'
import { version } from '../programs.mjs'
import { root } from '../setup.mjs'
import { sectionOf } from './changelog.mjs'
import { releaseNotes } from './notes.mjs'

/** The image's archive in a release. */
export const imageFile = `tetragon-image-${version}-${architecture()}.tar`
/** The chart for registries. */
export const chartFile = `tetragon-chart-${version}.tar`

/**
 * @param folder is replaced
 * @param key that signs, if there is one (bill/signatures.mjs)
 * @param fast whether packages and image are compressed little
 * @returns {Promise<string[]>} the paths of the files, without bills and signatures
 */
export async function writeRelease(folder, key, fast) {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const work = join(folder, 'work')
  const executable = await buildExecutable(work)
  // The packages take the executable.
  const file = join(folder, basename(executable.file) + (fast ? '' : '.xz'))
  if (fast) copyFileSync(executable.file, file)
  else renameSync(compress(executable.file), file)
  const packages = await writePackages(folder, packageKinds, () => executable, fast)
  const image = await writeImage(join(folder, imageFile), !fast)
  const npm = packPackages([], folder)
  for (const each of ['work', 'files', 'chart']) rmSync(join(folder, each), { recursive: true })
  const artefacts = [{ ...executable, version, file }, ...packages, ...image.artefacts, ...npm]
  const files = artefacts.flatMap(({ file, copies = [] }) => [file, ...copies])
  const changelog = readFileSync(join(root, 'CHANGELOG.md'), 'utf8')
  const section = sectionOf(changelog, version) ?? sectionOf(changelog, 'Unreleased') ?? ''
  const notes = join(folder, 'RELEASE-NOTES.md')
  writeFileSync(notes, releaseNotes(version, section, files, [imageReference, chartReference]))
  describeArtefacts(folder, artefacts, key, [notes])
  return [...files, notes]
}
