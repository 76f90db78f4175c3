import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { allCases } from './all-cases.ts'
import type { CaseOnKernel } from './case-on-kernel.ts'
import { caseTitle, type PolicyCase } from './policy-case.ts'
import {
  listedCases,
  resultsDocument,
  TableError,
  type TableKernel,
  tableCells,
} from './results-table.ts'
import { tableFile } from './write-table.ts'

const sample: PolicyCase = {
  name: 'one | two',
  covers: { kind: 'operator', name: 'Prefix' },
  policy: '',
  hit: '',
}

/** A kernel on which the sample has this result. */
function kernelWith(name: string, result?: CaseOnKernel): TableKernel {
  return { name, release: '6.0', results: new Map(result ? [[caseTitle(sample), result]] : []) }
}

const check = { policy: 'p', verdict: 'depends', hooks: [], problems: [] } as const

describe('the table of cases', () => {
  it('says which back end a case runs on, or why it cannot', () => {
    const document = resultsDocument(
      [sample],
      [
        kernelWith('host', { kind: 'runs', cell: 'fentry', check: undefined }),
        kernelWith('5.10', { kind: 'cannot', reason: 'no lsm' }),
      ],
    )
    const cells = ['`Prefix`', 'one \\\\\\| two', 'fentry', '– \\(1\\)']
    assert.match(document, new RegExp(`\\| ${cells.join(' +\\\\| ')} +\\|`))
    assert.match(document, /^1\. no lsm$/m)
    assert.deepEqual(listedCases(document), [caseTitle(sample)])
    assert.deepEqual([...tableCells(document)], [[caseTitle(sample), ['fentry', '– (1)']]])
  })

  it('is not written without the result of a case, or if files decide about it', () => {
    for (const bad of [kernelWith('a'), kernelWith('a', { kind: 'depends', check })]) {
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
