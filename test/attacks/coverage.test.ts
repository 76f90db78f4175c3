import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { repositoryRoot } from '../vm/repository.ts'
import { allActions } from './catalogue.ts'
import type { ActionResult } from './classify.ts'
import { changedClasses, readCoverage } from './coverage.ts'
import { coveragePage } from './page.ts'

describe('docs/reference/coverage.md', () => {
  it('is up to date: run node test/dist/attacks/write-page.js', () => {
    const path = join(repositoryRoot, 'docs/reference/coverage.md')
    assert.equal(readFileSync(path, 'utf8'), coveragePage(readCoverage()))
  })

  it('has a result of each action on each kernel, and no others', () => {
    const ids = allActions.map(({ id }) => id)
    for (const { kernel, results } of readCoverage().kernels) {
      assert.deepEqual(results.map(({ id }) => id).sort(), [...ids].sort(), kernel)
    }
  })
})

describe('changedClasses', () => {
  const of = (name: ActionResult['class']): ActionResult[] => [{ id: 'a', class: name, why: 'w' }]

  it('names actions with another class than before', () => {
    assert.deepEqual(changedClasses(of('detected'), of('seen')), ['a: detected -> seen (w)'])
    assert.deepEqual(changedClasses([], of('seen')), ['a: not on the page -> seen (w)'])
    assert.deepEqual(changedClasses(of('seen'), of('seen')), [])
  })

  it('accepts what one of the machines cannot run', () => {
    assert.deepEqual(changedClasses(of('notRunnable'), of('seen')), [])
    assert.deepEqual(changedClasses(of('seen'), of('notRunnable')), [])
  })
})
