// The Helm chart with the version and the registry of what is built: its image is there by default.

import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { OciLayout } from '@tetragon-ts/test/archives'
import { parse } from 'yaml'
import { writeTar } from './package/archives.mjs'
import { root } from './setup.mjs'

/**
 * Writes the chart to a folder and replaces its content.
 * @param repository of the image
 */
export function writeChart(folder, version, repository) {
  rmSync(folder, { recursive: true, force: true })
  cpSync(join(root, 'deploy/helm/tetragon'), folder, { recursive: true })
  cpSync(join(root, 'LICENSE'), join(folder, 'LICENSE'))
  replace(join(folder, 'Chart.yaml'), /^((?:version|appVersion): ).*$/gm, `$1${version}`)
  replace(join(folder, 'values.yaml'), /^( {4}tag: )v\d.*$/m, `$1v${version}`)
  replace(
    join(folder, 'values.yaml'),
    /^( {4}repository: )tetragon\.example\/.*$/m,
    `$1${repository}`,
  )
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

/**
 * Writes a packed chart as an archive that `skopeo` copies to a registry, where Helm finds it.
 * @param chart the folder; @param packed see packChart
 * @param reference name and tag, with the registry
 * @returns {Promise<string>} the path of the archive, beside the chart
 */
export async function writeChartArchive(chart, packed, reference) {
  const file = packed.replace(/tetragon-([^/]*)\.tgz$/, 'tetragon-chart-$1.tar')
  const layout = await OciLayout.begin(file)
  const about = parse(readFileSync(join(chart, 'Chart.yaml'), 'utf8'))
  const config = await layout.addJson('application/vnd.cncf.helm.config.v1+json', about)
  const type = 'application/vnd.cncf.helm.chart.content.v1.tar+gzip'
  const layer = await layout.addBytes(type, readFileSync(packed))
  const annotations = {
    'org.opencontainers.image.title': about.name,
    'org.opencontainers.image.version': about.version,
    'org.opencontainers.image.description': about.description,
  }
  await layout.finish(reference, { config, layers: [layer], annotations })
  return file
}

function replace(path, pattern, text) {
  writeFileSync(path, readFileSync(path, 'utf8').replace(pattern, text))
}
