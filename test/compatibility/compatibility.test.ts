import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { compatibilityPage } from './page.ts'
import { sections } from './sections.ts'

describe('the page on compatibility', () => {
  for (const { title, entries, problems } of sections) {
    it(`is correct about ${title.toLowerCase()}`, () => {
      assert.deepEqual(problems, [])
      assert.ok(entries.length > 0)
    })
  }

  it('is up to date: run node test/dist/compatibility/write-page.js', () => {
    const path = new URL('../../../docs/reference/compatibility.md', import.meta.url)
    assert.equal(readFileSync(path, 'utf8'), compatibilityPage(sections))
  })
})
