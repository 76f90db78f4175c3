// Packs the agent, tetra and the operator: the folder `bundle` of each package.

import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { commonEntries, lazyEntries, pack, threads, writePacked } from './pack.mjs'
import { sourceFacts } from './source-facts.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const agent = `${root}packages/agent/`
const folder = `${agent}bundle`
/** Level of the rules of the library that packages and the chart have by default. */
const level = 'low'

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
const { prepareLibrary } = await import('../packages/agent/dist/rules/prepare-library.js')
const library = {
  name: 'library-rules.json',
  text: prepareLibrary(`${root}policies/rules/`, level),
}
writePacked(folder, packed.flat(), [...startThreads, library])

/** Other programs. Folders are as deep as those of modules that locate files. */
const programs = [
  { main: 'packages/tetra/dist/main.js', folder: 'packages/tetra/bundle/commands', children: [] },
  {
    main: 'packages/operator/dist/main.js',
    folder: 'packages/operator/bundle',
    children: [{ packed: 'checks', module: 'kernels/check-program.js' }],
  },
]
// They run without the agent's package.
const loader = { name: 'load-bundle.js', text: readFileSync(`${agent}bin/load-bundle.js`, 'utf8') }
for (const { main, folder, children } of programs) {
  const target = `${root}${folder}`
  const files = await pack(target, { main: `${root}${main}`, ...lazyEntries })
  const starts = [loader]
  for (const { packed, module } of children) {
    files.push(...(await pack(target, { [packed]: join(root, dirname(main), module) })))
    starts.push({
      name: basename(module),
      text: `require('./load-bundle.js').bundle(__dirname)('${packed}')\n`,
    })
  }
  writePacked(target, files, starts)
}
