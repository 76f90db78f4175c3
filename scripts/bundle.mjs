// Packs the agent: packages/agent/bundle.

import { fileURLToPath } from 'node:url'
import { commonEntries, pack, threads, writePacked } from './pack.mjs'
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
