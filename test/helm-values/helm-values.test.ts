import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { compareValues } from './comparison.ts'
import { generatedFiles } from './generated-files.ts'

describe('the values of the Helm chart', () => {
  it('are those of Tetragon, with the same defaults, or have a reason', () => {
    const { values, problems } = compareValues()
    assert.deepEqual(problems, [])
    assert.ok(values.length > 150)
  })

  for (const { file, text } of generatedFiles()) {
    const name = file.pathname.slice(file.pathname.lastIndexOf('/') + 1)
    it(`make ${name}: run node test/dist/helm-values/write-files.js`, () => {
      assert.equal(readFileSync(file, 'utf8'), text)
    })
  }
})
