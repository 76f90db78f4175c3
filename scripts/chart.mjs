// The Helm chart with the version of what is built: its image has that tag by default.

import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './setup.mjs'

/** Writes the chart to a folder and replaces its content. */
export function writeChart(folder, version) {
  rmSync(folder, { recursive: true, force: true })
  cpSync(join(root, 'deploy/helm/tetragon'), folder, { recursive: true })
  cpSync(join(root, 'LICENSE'), join(folder, 'LICENSE'))
  replace(join(folder, 'Chart.yaml'), /^((?:version|appVersion): ).*$/gm, `$1${version}`)
  replace(join(folder, 'values.yaml'), /^( {4}tag: )v\d.*$/m, `$1v${version}`)
}

function replace(path, pattern, text) {
  writeFileSync(path, readFileSync(path, 'utf8').replace(pattern, text))
}
