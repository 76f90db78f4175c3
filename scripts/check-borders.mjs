// A step of `npm run check`: lists the imports that cross a border.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { crossings, sourcesOf } from './border-rules.mjs'
import { packages } from './borders.mjs'

const generated = new Set(['node_modules', 'dist', 'bundle', 'results'])

function* sources(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory() && !generated.has(entry.name)) yield* sources(path)
    if (entry.isFile() && /\.tsx?$/.test(entry.name)) yield path
  }
}

process.chdir(join(import.meta.dirname, '..'))
let count = 0
for (const file of Object.keys(packages).flatMap((path) => [...sources(sourcesOf(path))])) {
  for (const { module, line, reason } of crossings(file, readFileSync(file, 'utf8'))) {
    console.error(`${file}:${line}: cannot import ${module}: ${reason}; see scripts/borders.mjs`)
    count++
  }
}
if (count > 0) process.exitCode = 1
