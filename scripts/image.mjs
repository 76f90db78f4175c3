// `node scripts/image.mjs [compressed] [FILE]`: assembles the files of the image in
// .cache/image/root and writes the image as an archive (default .cache/image/tetragon.tar), for
// `docker load`, `podman load` and `ctr images import`; with `compressed` its layer is as
// registries have it. It needs `npm run build` first, and no container builder. The chart that
// installs this image is written to the folder `chart` beside it, packed as Helm does, and as an
// archive for registries. Beside them are bills of materials, checksums, and signatures
// (docs/verify.md). The variable TETRAGON_REGISTRY has the registry that they are for.
//
// The image has Node.js, the libraries that it needs, the bundled agent, tetra, and export-stdout,
// which prints exported events. It has no shell, no package manager and no writable folder.

import { dirname, join, resolve } from 'node:path'
import { describeArtefacts } from './bill/describe-artefacts.mjs'
import { signingKey } from './bill/signatures.mjs'
import { imageReference, writeImage } from './image/write-image.mjs'
import { root, runScript } from './setup.mjs'

await runScript(async () => {
  const key = signingKey()
  const words = process.argv.slice(2)
  const named = words.find((word) => word !== 'compressed')
  const file = resolve(named ?? join(root, '.cache/image/tetragon.tar'))
  const { digest, artefacts } = await writeImage(file, words.includes('compressed'))
  describeArtefacts(dirname(file), artefacts, key)
  console.log(`${imageReference}@${digest}\n${file}`)
})
