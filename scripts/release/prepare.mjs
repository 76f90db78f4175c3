// Changes the sources to a new version: all package.json files and the lock file, the chart, and
// the heading of its changes.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SetupError } from '../setup.mjs'
import { closeSection } from './changelog.mjs'

/** The files of npm, each with the version of its package and of packages of this repository. */
function manifestsOf(root) {
  const packages = readdirSync(join(root, 'packages')).map((name) => `packages/${name}`)
  const folders = ['.', ...packages, 'test', 'bench']
  return ['package-lock.json', ...folders.map((folder) => join(folder, 'package.json'))]
}

/** Sets the version of our packages in a document of npm, at any depth. */
function setVersions(value, from, to) {
  if (typeof value !== 'object' || value === null) return
  const isOurs = /^(@tetragon-ts\/|tetragon-ts$)/
  for (const [key, each] of Object.entries(value)) {
    if (key === 'version' && each === from && isOurs.test(value.name ?? '')) value[key] = to
    else if (each === from && isOurs.test(key)) value[key] = to
    else setVersions(each, from, to)
  }
}

/**
 * @param root the folder of the sources
 * @param date of the release, YYYY-MM-DD
 * @returns the paths of the files that were changed
 * @throws SetupError if the version is not a newer one; nothing is changed then
 */
export function prepareRelease(root, version, date) {
  const read = (path) => readFileSync(join(root, path), 'utf8')
  const { version: from } = JSON.parse(read('package.json'))
  requireNewer(version, from)
  const changed = { 'CHANGELOG.md': closeSection(read('CHANGELOG.md'), version, date) }
  for (const path of manifestsOf(root)) {
    const document = JSON.parse(read(path))
    setVersions(document, from, version)
    changed[path] = `${JSON.stringify(document, null, 2)}\n`
  }
  const chart = 'deploy/helm/tetragon'
  const both = read(`${chart}/Chart.yaml`).replace(
    /^((?:version|appVersion): ).*$/gm,
    `$1${version}`,
  )
  changed[`${chart}/Chart.yaml`] = both
  const values = read(`${chart}/values.yaml`)
  changed[`${chart}/values.yaml`] = values.replace(/^( {4}tag: )v\d.*$/m, `$1v${version}`)
  for (const [path, text] of Object.entries(changed)) writeFileSync(join(root, path), text)
  return Object.keys(changed)
}

function requireNewer(version, from) {
  const release = /^\d+\.\d+\.\d+$/
  if (!release.test(version ?? '')) {
    throw new SetupError(`prepare a release: '${version ?? ''}' is not a version such as 0.2.0`)
  }
  const parts = (text) => text.split('.').map(Number)
  const [now, before] = [parts(version), parts(from)]
  const i = now.findIndex((number, at) => number !== before[at])
  if (i >= 0 && now[i] > before[i]) return
  throw new SetupError(`prepare a release: ${version} is not newer than ${from}`)
}
