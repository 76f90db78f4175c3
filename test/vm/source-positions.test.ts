import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { withSourcePositions } from './source-positions.ts'

test('places in packed files become those in the sources', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'packed-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'packed.js')
  // Line 3 of the packed file, from column 0, is line 12, column 4 of the source.
  const map = { version: 3, sources: ['../src/a.ts'], names: [], mappings: 'AAWI' }
  const sections = [{ offset: { line: 2, column: 0 }, map }]
  writeFileSync(`${path}.map`, JSON.stringify({ version: 3, sections }))
  const url = pathToFileURL(path).href
  const unmapped = `    at other (file:///nowhere/b.js:1:2)\n    at node:internal/x:1:2`
  assert.equal(
    withSourcePositions(`Error: no\n    at call (${url}:3:1)\n${unmapped}`),
    `Error: no\n    at call (${join(folder, '..', 'src', 'a.ts')}:12:5)\n${unmapped}`,
  )
})
