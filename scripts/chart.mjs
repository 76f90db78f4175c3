// The Helm chart with the version of what is built: its image has that tag by default.

import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { writeTar } from './package/archives.mjs'
import { root } from './setup.mjs'

/** Writes the chart to a folder and replaces its content. */
export function writeChart(folder, version) {
  rmSync(folder, { recursive: true, force: true })
  cpSync(join(root, 'deploy/helm/tetragon'), folder, { recursive: true })
  cpSync(join(root, 'LICENSE'), join(folder, 'LICENSE'))
  replace(join(folder, 'Chart.yaml'), /^((?:version|appVersion): ).*$/gm, `$1${version}`)
  replace(join(folder, 'values.yaml'), /^( {4}tag: )v\d.*$/m, `$1v${version}`)
}

/**
 * Packs a chart as Helm does: the folder in the archive has the name of the chart.
 * @param time of the files, in seconds
 * @returns {string} the path of the archive, beside the chart
 */
export function packChart(chart, version, time) {
  const work = `${chart}.work`
  rmSync(work, { recursive: true, force: true })
  mkdirSync(work)
  cpSync(chart, join(work, 'tetragon'), { recursive: true })
  const file = join(dirname(chart), `tetragon-${version}.tgz`)
  writeTar(file, work, ['tetragon'], time)
  rmSync(work, { recursive: true })
  return file
}

function replace(path, pattern, text) {
  writeFileSync(path, readFileSync(path, 'utf8').replace(pattern, text))
}
