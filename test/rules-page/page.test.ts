import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { readLibrary } from '../cases/rules/library.ts'
import { repositoryRoot } from '../vm/repository.ts'
import { neededPolicies, rulesPage } from './page.ts'

const { linked } = readLibrary()

describe('docs/reference/rules.md', () => {
  it('is up to date: run node test/dist/rules-page/write-page.js', () => {
    const path = join(repositoryRoot, 'docs/reference/rules.md')
    assert.equal(readFileSync(path, 'utf8'), rulesPage(linked))
  })

  it('names policies that exist for each rule that needs one', () => {
    for (const { rule } of linked.rules) {
      const policies = neededPolicies(rule.file)
      const needed = linked.rules.some(
        (each) => each.rule.file === rule.file && each.rule.logSource !== 'process_creation',
      )
      assert.equal(policies.length > 0, needed, rule.file)
      for (const name of policies) {
        assert.ok(existsSync(join(repositoryRoot, `policies/${name}.yaml`)), name)
      }
    }
  })
})
