// The image and the chart that installs it, as artefacts (bill/describe-artefacts.mjs).

import { mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { writeOciArchive } from '@tetragon-ts/test/archives'
import { imagePurl } from '../bill/components.mjs'
import { packChart, writeChart, writeChartArchive } from '../chart.mjs'
import { version } from '../programs.mjs'
import { root } from '../setup.mjs'
import { buildTime } from '../source-facts.mjs'
import { imageProcess } from './dockerfile.mjs'
import { assembleRoot } from './root.mjs'

const registry = process.env.TETRAGON_REGISTRY || 'tetragon.example'
const repository = `${registry}/tetragon-ts`

/** Names in the registry. */
export const imageReference = `${repository}:v${version}`
export const chartReference = `${registry}/charts/tetragon:${version}`

/**
 * Writes the image, and beside it the folder `chart`, and the chart packed and as an archive.
 * @param file path of the image's archive
 * @param compressed whether its layer is
 * @returns {Promise<{digest: string, artefacts: object[]}>} the digest of the image's manifest
 * @throws Error if a package of the image cannot be downloaded
 */
export async function writeImage(file, compressed) {
  const cache = join(root, '.cache', 'image')
  const files = join(cache, 'root')
  const components = await assembleRoot(files, join(cache, 'packages'))
  const folder = dirname(file)
  mkdirSync(folder, { recursive: true })
  const config = imageProcess(readFileSync(join(root, 'deploy', 'Dockerfile'), 'utf8'))
  const digest = await writeOciArchive(imageReference, files, config, file, compressed)
  const purl = imagePurl(imageReference, digest)
  const chart = join(folder, 'chart')
  writeChart(chart, version, repository)
  const packed = packChart(chart, version, buildTime(root))
  const stored = await writeChartArchive(chart, packed, chartReference)
  const image = { type: 'container', name: imageReference, version, license: 'Apache-2.0', purl }
  const artefacts = [
    { type: 'container', file, version, purl, components },
    { file: packed, version, components: [image], copies: [stored] },
  ]
  return { digest, artefacts }
}
