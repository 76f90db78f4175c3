// Writes the linter's rules on imports into biome.json, from the table in borders.mjs. With --check
// it writes nothing and fails if the file has other rules.

import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { configurationText, withBorders } from './border-rules.mjs'

const path = fileURLToPath(new URL('../biome.json', import.meta.url))
const written = readFileSync(path, 'utf8')
const wanted = configurationText(withBorders(JSON.parse(written)))

if (!process.argv.includes('--check')) {
  writeFileSync(path, wanted)
} else if (written !== wanted) {
  console.error('biome.json is not what scripts/borders.mjs gives; run:')
  console.error('  node scripts/write-borders.mjs')
  process.exitCode = 1
}
