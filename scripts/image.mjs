// `node scripts/image.mjs [FILE]`: assembles the files of the image in .cache/image/root and writes
// the image as an archive (default .cache/image/tetragon.tar), for `docker load`, `podman load` and
// `ctr images import`. It needs `npm run build` first, and no container builder. The chart that
// installs this image is written to the folder `chart` beside it.
//
// The image has Node.js, the libraries that it needs, the bundled agent, tetra, and export-stdout,
// which prints exported events. It has no shell, no package manager and no writable folder.

import { mkdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { writeOciArchive } from '@tetragon-ts/test/archives'
import { writeChart } from './chart.mjs'
import { imageProcess } from './image/dockerfile.mjs'
import { assembleRoot } from './image/root.mjs'
import { version } from './programs.mjs'
import { root } from './setup.mjs'

const reference = `tetragon.example/tetragon-ts:v${version}`
const cache = join(root, '.cache', 'image')
const file = resolve(process.argv[2] ?? join(cache, 'tetragon.tar'))

const files = join(cache, 'root')
await assembleRoot(files, join(cache, 'packages'))
mkdirSync(dirname(file), { recursive: true })
const config = imageProcess(readFileSync(join(root, 'deploy', 'Dockerfile'), 'utf8'))
const digest = await writeOciArchive(reference, files, config, file)
writeChart(join(dirname(file), 'chart'), version)
console.log(`${reference}@${digest}\n${file}`)
