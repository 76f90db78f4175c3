import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { meansNames } from '@tetragon-ts/compiler'
import { enforcementPage } from './page.ts'

test('the page is up to date: run node test/dist/enforcement-page/write-page.js', () => {
  const path = new URL('../../../docs/reference/enforcement-results.md', import.meta.url)
  assert.equal(readFileSync(path, 'utf8'), enforcementPage())
})

test('docs/enforcement.md has a row and a page for each means', () => {
  const docs = new URL('../../../docs/', import.meta.url)
  const text = readFileSync(new URL('enforcement.md', docs), 'utf8')
  const [, table] = /^\| means .*\n((?:\|.*\n)+)/m.exec(text) ?? []
  const rows = [...table.matchAll(/^\| \[(\w+)\]\((reference\/enforcement\/\1\.md)\)/gm)]
  assert.deepEqual(rows.map(([, name]) => name).sort(), [...meansNames].sort())
  for (const [, , page] of rows) assert.ok(existsSync(new URL(page, docs)), page)
})
