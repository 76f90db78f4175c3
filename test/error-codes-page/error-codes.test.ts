import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { errorCodesPage } from './page.ts'
import { sections } from './sections.ts'

describe('the page on error codes', () => {
  it('is up to date: run node test/dist/error-codes-page/write-page.js', () => {
    const path = new URL('../../../docs/reference/error-codes.md', import.meta.url)
    assert.equal(readFileSync(path, 'utf8'), errorCodesPage(sections))
  })

  it('lists no code twice, and a sentence for each', () => {
    const all = sections.flatMap(({ codes }) =>
      Object.values(codes).flatMap((ofClass) => Object.entries(ofClass)),
    )
    assert.equal(new Set(all.map(([code]) => code)).size, all.length)
    for (const [code, meaning] of all) assert.match(meaning, /^[A-Zt].*\.$/, code)
  })
})
