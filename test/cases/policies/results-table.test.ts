import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import type { CaseRecord, TargetResult } from '../../vm/case-results.ts'
import { allCases } from './all-cases.ts'
import { caseTitle, type PolicyCase } from './policy-case.ts'
import { listedCases, resultsDocument, TableError } from './results-table.ts'
import { tableFile } from './write-table.ts'

const sample: PolicyCase = {
  name: 'one | two',
  covers: { kind: 'operator', name: 'Prefix' },
  policy: '',
  hit: '',
}

function result(outcome: CaseRecord['outcome'], more: Partial<CaseRecord>): TargetResult {
  const record: CaseRecord = {
    type: 'case',
    file: 'test/cases/policies/operators/x.ts',
    durationMs: 1,
    outcome,
    name: `operators > ${caseTitle(sample)}`,
    ...more,
  }
  return { target: 'host', release: '6.0', durationMs: 1, bootMs: 0, cases: [record] }
}

describe('the table of cases', () => {
  it('says which back end a case ran on, or why it could not', () => {
    const document = resultsDocument(
      [sample],
      [result('passed', { notes: ['back end: fentry'] }), result('skipped', { reason: 'no lsm' })],
    )
    const cells = ['`Prefix`', 'one \\\\\\| two', 'fentry', '– \\(1\\)']
    assert.match(document, new RegExp(`\\| ${cells.join(' +\\\\| ')} +\\|`))
    assert.match(document, /^1\. no lsm$/m)
    assert.deepEqual(listedCases(document), [caseTitle(sample)])
  })

  it('is not written from results that lack a case, or with a failure', () => {
    const none = { ...result('passed', {}), cases: [] }
    for (const bad of [none, result('failed', { error: 'no' }), result('passed', {})]) {
      assert.throws(() => resultsDocument([sample], [bad]), TableError)
    }
  })

  it('in docs lists every case, once', () => {
    const titles = allCases.map(caseTitle)
    assert.equal(new Set(titles).size, titles.length, 'two cases have the same title')
    const listed = listedCases(readFileSync(tableFile, 'utf8'))
    assert.deepEqual(listed.toSorted(), titles.toSorted(), 'write the table anew')
  })
})
