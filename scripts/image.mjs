// `node scripts/image.mjs [compressed] [FILE]`: assembles the files of the image in .cache/image/root
// and writes the image as an archive (default .cache/image/tetragon.tar), for `docker load`, `podman
// load` and `ctr images import`; with `compressed` its layer is as registries have it. It needs `npm
// run build` first, and no container builder. The chart that installs this image is written to the
// folder `chart` beside it, packed as Helm does, and as an archive for registries. Beside them are
// bills of materials, checksums, and signatures (docs/verify.md). The variable TETRAGON_REGISTRY has
// the registry that they are for.
//
// The image has Node.js, the libraries that it needs, the bundled agent, tetra, and export-stdout,
// which prints exported events. It has no shell, no package manager and no writable folder.

import { mkdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { writeOciArchive } from '@tetragon-ts/test/archives'
import { imagePurl } from './bill/components.mjs'
import { describeArtefacts } from './bill/describe-artefacts.mjs'
import { signingKey } from './bill/signatures.mjs'
import { packChart, writeChart, writeChartArchive } from './chart.mjs'
import { imageProcess } from './image/dockerfile.mjs'
import { assembleRoot } from './image/root.mjs'
import { version } from './programs.mjs'
import { root, runScript } from './setup.mjs'
import { buildTime } from './source-facts.mjs'

const registry = process.env.TETRAGON_REGISTRY || 'tetragon.example'
const repository = `${registry}/tetragon-ts`
const reference = `${repository}:v${version}`
const cache = join(root, '.cache', 'image')
const words = process.argv.slice(2)
const file = resolve(words.find((word) => word !== 'compressed') ?? join(cache, 'tetragon.tar'))

await runScript(async () => {
  const key = signingKey()
  const files = join(cache, 'root')
  const components = await assembleRoot(files, join(cache, 'packages'))
  const folder = dirname(file)
  mkdirSync(folder, { recursive: true })
  const config = imageProcess(readFileSync(join(root, 'deploy', 'Dockerfile'), 'utf8'))
  const digest = await writeOciArchive(reference, files, config, file, words.includes('compressed'))
  const purl = imagePurl(reference, digest)
  const chart = join(folder, 'chart')
  writeChart(chart, version, repository)
  const packed = packChart(chart, version, buildTime(root))
  const stored = await writeChartArchive(chart, packed, `${registry}/charts/tetragon:${version}`)
  const image = { type: 'container', name: reference, version, license: 'Apache-2.0', purl }
  const artefacts = [
    { type: 'container', file, version, purl, components },
    { file: packed, version, components: [image], copies: [stored] },
  ]
  describeArtefacts(folder, artefacts, key)
  console.log(`${reference}@${digest}\n${file}`)
})
