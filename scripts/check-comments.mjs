// A step of `npm run check`: lists the comments in TypeScript, JavaScript and shell that are longer
// than 100 columns.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { longComments, maximumWidth } from './comment-width.mjs'

const generated = new Set(['node_modules', 'dist', 'bundle', '.git', '.cache'])

function* sources(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory() && !generated.has(entry.name)) yield* sources(path)
    if (entry.isFile() && (/\.(ts|m?js|sh)$/.test(entry.name) || folder === '.ci')) yield path
  }
}

process.chdir(join(import.meta.dirname, '..'))
let count = 0
for (const path of sources('.')) {
  for (const line of longComments(readFileSync(path, 'utf8'))) {
    console.error(`${path}:${line}: comment has more than ${maximumWidth} columns`)
    count++
  }
}
if (count > 0) process.exitCode = 1
