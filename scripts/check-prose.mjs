// A step of `npm run check`: counts the patterns of prose-patterns.mjs in documents and in comments
// of TypeScript and JavaScript, and lists them if there are more than the limit. Some are right
// where they are, so that the limit is not 0.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { commentsOf, proseHits, withoutCode } from './prose-patterns.mjs'

const limit = 25
const generated = new Set(['node_modules', 'dist', 'bundle', '.cache'])
const sourceFolders = [
  ...readdirSync(join(import.meta.dirname, '../packages')).map((name) => `packages/${name}/src`),
  'test',
  'bench',
  'scripts',
]

function* files(folder, ending) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory() && !generated.has(entry.name)) yield* files(path, ending)
    if (entry.isFile() && ending.test(entry.name)) yield path
  }
}

function* texts() {
  for (const path of ['README.md', 'bench/README.md', ...files('docs', /\.md$/)])
    yield [path, withoutCode(readFileSync(path, 'utf8'))]
  for (const path of files('policies', /\.md$/))
    yield [path, withoutCode(readFileSync(path, 'utf8'))]
  for (const folder of sourceFolders)
    for (const path of files(folder, /\.(ts|tsx|m?js)$/))
      yield [path, commentsOf(readFileSync(path, 'utf8'))]
}

process.chdir(join(import.meta.dirname, '..'))
const found = []
for (const [path, text] of texts()) for (const hit of proseHits(text)) found.push({ path, ...hit })

if (found.length > limit) {
  for (const { path, line, name, text, suggestion } of found)
    console.error(`${path}:${line}: "${text}" (${name}); instead: ${suggestion}`)
  console.error(`${found.length} hits; at most ${limit} are accepted`)
  process.exitCode = 1
}
