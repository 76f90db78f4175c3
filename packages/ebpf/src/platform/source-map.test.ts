import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { SourceMapReader } from './source-map.ts'

const ownMap = readFileSync(`${fileURLToPath(import.meta.url)}.map`, 'utf8')

test('finds what the map of Node.js finds', () => {
  const theirs = new SourceMap(JSON.parse(ownMap))
  const ours = new SourceMapReader(ownMap)
  let found = 0
  const lines = readFileSync(fileURLToPath(import.meta.url), 'utf8').split('\n')
  for (const [line, text] of lines.entries()) {
    for (let column = 0; column < text.length; column++) {
      const place = ours.find(line, column)
      const entry = theirs.findEntry(line, column)
      // Theirs continues with the line before where there is nothing on this one.
      if (!('originalSource' in entry) || entry.generatedLine !== line) continue
      found++
      const { originalSource: source, originalLine, originalColumn } = entry
      assert.deepEqual(place, { source, line: originalLine, column: originalColumn })
    }
  }
  assert.ok(found > 500, `${found} places`)
})

test('counts the lines of a section, and the columns of its first line, from its beginning', () => {
  const section = (line: number, column: number, source: string, mappings: string) => ({
    offset: { line, column },
    map: { version: 3, sources: [source], names: [], mappings },
  })
  // AAAA: column 0 → line 0, column 0; IACE: 4 further → one line down, 2 to the right.
  const sections = [section(0, 0, 'a.ts', 'AAAA,IACE'), section(2, 6, 'b.ts', 'AAAA;IACE')]
  const map = new SourceMapReader(JSON.stringify({ version: 3, sections }))
  assert.deepEqual(map.find(0, 3), { source: 'a.ts', line: 0, column: 0 })
  assert.deepEqual(map.find(0, 4), { source: 'a.ts', line: 1, column: 2 })
  assert.equal(map.find(1, 0), undefined)
  assert.equal(map.find(2, 5), undefined)
  assert.deepEqual(map.find(2, 6), { source: 'b.ts', line: 0, column: 0 })
  assert.equal(map.find(3, 3), undefined)
  assert.deepEqual(map.find(3, 5), { source: 'b.ts', line: 1, column: 2 })
  assert.equal(map.find(9, 0), undefined)
})

test('refuses what is no map', () => {
  assert.throws(() => new SourceMapReader('no map'), SyntaxError)
})
