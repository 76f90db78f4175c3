// Packs the agent: packages/agent/bundle.

import { fileURLToPath } from 'node:url'
import { commonEntries, pack, writePacked } from './pack.mjs'
import { sourceFacts } from './source-facts.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const agent = `${root}packages/agent/`
const folder = `${agent}bundle`

const define = { tetragonSource: JSON.stringify(sourceFacts(root)) }

const packed = await Promise.all([
  pack(folder, { start: `${agent}dist/start.js`, ...commonEntries }, { define }),
  // Threads share no code: packed separately, the reader is one file instead of twenty.
  pack(folder, { reader: `${agent}dist/reader/worker.js` }),
])
writePacked(folder, packed.flat(), [
  {
    // The path that the main thread uses.
    name: 'worker.js',
    text: "require('../bin/load-bundle.js').bundle(__dirname)('reader')\n",
  },
])
