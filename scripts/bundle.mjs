// Packs the agent and tetra: packages/agent/bundle and packages/tetra/bundle.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { commonEntries, lazyEntries, pack, threads, writePacked } from './pack.mjs'
import { sourceFacts } from './source-facts.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const agent = `${root}packages/agent/`
const folder = `${agent}bundle`

const define = { tetragonSource: JSON.stringify(sourceFacts(root)) }

const packed = await Promise.all([
  pack(folder, { start: `${agent}dist/start.js`, ...commonEntries }, { define }),
  ...threads.map(({ packed, module }) => pack(folder, { [packed]: module })),
])
const startThreads = threads.map(({ packed, file }) => ({
  // The path that the main thread uses.
  name: file,
  text: `require('../bin/load-bundle.js').bundle(__dirname)('${packed}')\n`,
}))
writePacked(folder, packed.flat(), startThreads)

const tetra = `${root}packages/tetra/`
// As deep as dist/commands: modules locate files relative to their own.
const tetraFolder = `${tetra}bundle/commands`
// It runs without the agent's package.
const loader = { name: 'load-bundle.js', text: readFileSync(`${agent}bin/load-bundle.js`, 'utf8') }
const packedTetra = await pack(tetraFolder, { main: `${tetra}dist/main.js`, ...lazyEntries })
writePacked(tetraFolder, packedTetra, [loader])
