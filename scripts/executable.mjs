// `npm run executable`: builds, and writes one file to .cache/executable: tetragon and tetra, and
// Node.js inside; also compressed, and with bills of materials, checksums and signatures
// (docs/verify.md). `node scripts/executable.mjs` does it with what is built; `fast` does not
// compress.

import { join, resolve } from 'node:path'
import { describeArtefacts } from './bill/describe-artefacts.mjs'
import { signingKey } from './bill/signatures.mjs'
import { compress } from './executable/compress.mjs'
import { requireBuild, version } from './programs.mjs'
import { root, runScript } from './setup.mjs'

await runScript(async () => {
  requireBuild()
  const key = signingKey()
  // It imports what the build makes.
  const { buildExecutable } = await import('./executable/build.mjs')
  const words = process.argv.slice(2)
  const folder = resolve(words.find((word) => word !== 'fast') ?? join(root, '.cache/executable'))
  const { file, components } = await buildExecutable(folder)
  const copies = words.includes('fast') ? [] : [compress(file)]
  describeArtefacts(folder, [{ file, version, components, copies }], key)
  console.log([file, ...copies].join('\n'))
})
