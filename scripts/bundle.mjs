// Packs the agent: packages/agent/bundle.

import { fileURLToPath } from 'node:url'
import { commonEntries, pack, writePacked } from './pack.mjs'

const agent = fileURLToPath(new URL('../packages/agent/', import.meta.url))
const folder = `${agent}bundle`

const packed = await Promise.all([
  pack(folder, { start: `${agent}dist/start.js`, ...commonEntries }),
  // Threads share no code: packed apart, the reader is one file instead of twenty.
  pack(folder, { reader: `${agent}dist/pipeline/worker.js` }),
])
writePacked(folder, packed.flat(), {
  // Where the main thread looks for it.
  name: 'worker.js',
  text: "require('../bin/load-bundle.js').bundle(__dirname)('reader')\n",
})
