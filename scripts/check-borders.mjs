// A step of `npm run check`: lists the imports that cross a border, and circles of imports.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { crossings, sourcesOf } from './border-rules.mjs'
import { packages } from './borders.mjs'
import { refusedCircles } from './import-circles.mjs'

const generated = new Set(['node_modules', 'dist', 'bundle', 'results'])

function* sources(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory() && !generated.has(entry.name)) yield* sources(path)
    if (entry.isFile() && /\.tsx?$/.test(entry.name)) yield path
  }
}

process.chdir(join(import.meta.dirname, '..'))
const files = Object.keys(packages).flatMap((path) => [...sources(sourcesOf(path))])
const texts = new Map(files.map((file) => [file, readFileSync(file, 'utf8')]))
const crossed = [...texts].flatMap(([file, text]) => {
  return crossings(file, text).map(({ module, line, reason }) => {
    return `${file}:${line}: cannot import ${module}: ${reason}; see scripts/borders.mjs`
  })
})
const circles = refusedCircles(texts).map((circle) => {
  return `${circle[0]}: dissolve this circle of imports: ${circle.join(', ')}`
})
for (const line of [...crossed, ...circles]) console.error(line)
if (crossed.length + circles.length > 0) process.exitCode = 1
