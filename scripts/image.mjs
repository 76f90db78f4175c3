// `node scripts/image.mjs [FILE]`: assembles the files of the image in .cache/image/root and writes
// the image as an archive (default .cache/image/tetragon.tar), for `docker load`, `podman load` and
// `ctr images import`. It needs `npm run build` first, and no container builder. The chart that
// installs this image is written to the folder `chart` beside it, and as an archive. Beside them
// are bills of materials, checksums, and signatures (docs/verify.md).
//
// The image has Node.js, the libraries that it needs, the bundled agent, tetra, and export-stdout,
// which prints exported events. It has no shell, no package manager and no writable folder.

import { mkdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { writeOciArchive } from '@tetragon-ts/test/archives'
import { imagePurl } from './bill/components.mjs'
import { describeArtefacts } from './bill/describe-artefacts.mjs'
import { signingKey } from './bill/signatures.mjs'
import { packChart, writeChart } from './chart.mjs'
import { imageProcess } from './image/dockerfile.mjs'
import { assembleRoot } from './image/root.mjs'
import { version } from './programs.mjs'
import { root, runScript } from './setup.mjs'
import { buildTime } from './source-facts.mjs'

const reference = `tetragon.example/tetragon-ts:v${version}`
const cache = join(root, '.cache', 'image')
const file = resolve(process.argv[2] ?? join(cache, 'tetragon.tar'))

await runScript(async () => {
  const key = signingKey()
  const files = join(cache, 'root')
  const components = await assembleRoot(files, join(cache, 'packages'))
  const folder = dirname(file)
  mkdirSync(folder, { recursive: true })
  const config = imageProcess(readFileSync(join(root, 'deploy', 'Dockerfile'), 'utf8'))
  const digest = await writeOciArchive(reference, files, config, file)
  const purl = imagePurl(reference, digest)
  const chart = join(folder, 'chart')
  writeChart(chart, version)
  const archive = packChart(chart, version, buildTime(root))
  const image = { type: 'container', name: reference, version, license: 'Apache-2.0', purl }
  const artefacts = [
    { type: 'container', file, version, purl, components },
    { file: archive, version, components: [image] },
  ]
  describeArtefacts(folder, artefacts, key)
  console.log(`${reference}@${digest}\n${file}`)
})
