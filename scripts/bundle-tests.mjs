// Packs the tests that run on kernels: test/bundle. `run.js NAME` runs one, `run.js NAME SOURCE…`
// several in suites named by their sources.

import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { compilersOff, packedName } from '../test/dist/vm/packed-test.js'
import { findTests, kindsOf } from '../test/dist/vm/test-files.js'
import { commonEntries, pack, threads, writePacked } from './pack.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = join(root, 'test', 'bundle')
const threadStarters = threads.map(({ starter }) => starter)

/** Modules locate files relative to their original path. */
const inPlace = {
  name: 'in-place',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/](packages|test|bench)[\\/].*dist[\\/].*\.js$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8')
      if (!text.includes('import.meta')) return undefined
      const place = threadStarters.includes(path) ? join(folder, 'index.js') : path
      const contents = text
        .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(place).href))
        .replaceAll('import.meta.filename', JSON.stringify(place))
      return { contents, resolveDir: dirname(path), loader: 'js' }
    })
  },
}

const tests = await findTests([...kindsOf('host', true), ...kindsOf('ci', true)])
const entries = tests.map(({ compiled }) => [packedName(compiled), join(root, compiled)])
const suites = {
  'file-suites': join(root, 'test/dist/vm/file-suites.js'),
  'shared-agent': join(root, 'packages/agent/dist/testing/shared-agent.js'),
}
const all = { ...Object.fromEntries(entries), ...suites, ...commonEntries }
const packed = await Promise.all([
  pack(folder, all, { plugins: [inPlace] }),
  ...threads.map(({ packed, module }) => pack(folder, { [packed]: module })),
])

/** Loads a packed file with the cache for the flags of the process. */
const start = `const cache = process.execArgv.includes('--no-${compilersOff[0]}') ? '.interpreted' : ''
const load = require('../../packages/agent/bin/load-bundle.js').bundle(__dirname, cache)
`
writePacked(
  folder,
  packed.flat(),
  [
    {
      name: 'run.js',
      text: `${start}const [first, ...more] = process.argv.slice(2)
if (more.length === 0) load(first)
else load('file-suites').declareFiles(load, [first, ...more], load('shared-agent'))
`,
    },
    ...threads.map(({ packed, file }) => ({ name: file, text: `${start}load('${packed}')\n` })),
  ],
  [
    { suffix: '', off: [] },
    { suffix: '.interpreted', off: compilersOff },
  ],
)
