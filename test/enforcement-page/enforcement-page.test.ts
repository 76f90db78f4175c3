import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { enforcementPage } from './page.ts'

test('the page is up to date: run node test/dist/enforcement-page/write-page.js', () => {
  const path = new URL('../../../docs/reference/enforcement-results.md', import.meta.url)
  assert.equal(readFileSync(path, 'utf8'), enforcementPage())
})
