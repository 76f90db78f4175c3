import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { hooksOf } from '@tetragon-ts/rules'
import { readLibrary } from '../cases/rules/library.ts'
import { repositoryRoot } from '../vm/repository.ts'
import { rulesPage } from './page.ts'

const { linked } = readLibrary()

describe('docs/reference/rules.md', () => {
  it('is up to date: run node test/dist/rules-page/write-page.js', () => {
    const path = join(repositoryRoot, 'docs/reference/rules.md')
    assert.equal(readFileSync(path, 'utf8'), rulesPage(linked))
  })

  it('has rules for which the agent hooks what they have to see', () => {
    for (const { rule } of linked.rules) {
      if (rule.logSource === 'process_creation') continue
      assert.ok(hooksOf(rule).size > 0, rule.file)
    }
  })
})
