// Compiles the packed files below a folder: V8's code is beside each. The Node.js of the executable
// runs it, with the options that it has in there: others refuse the code.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { compiled } from '../pack.mjs'
import { changedOptions } from './node-options.mjs'

// V8 refuses code of a process with other options than its own: these had other values at the start
// (executable.mjs).
for (const option of changedOptions) setFlagsFromString(option)

const folder = process.argv[2]
for (const path of readdirSync(folder, { recursive: true })) {
  const source = path.endsWith('.js') ? readFileSync(join(folder, path), 'latin1') : ''
  // Unlike files that start a thread.
  if (!source.startsWith('(function (module, exports, require, bundleUrl)')) continue
  writeFileSync(join(folder, path.replace(/js$/, 'v8')), compiled(source, `/${path}`))
}
