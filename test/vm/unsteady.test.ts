import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import type { CaseRecord, TargetResult } from './case-results.ts'
import { repeatFailed, reportUnsteady, unsteadyMax } from './unsteady.ts'

const folder = mkdtempSync(join(tmpdir(), 'unsteady-'))
after(() => rmSync(folder, { recursive: true }))

function caseOf(file: string, outcome: CaseRecord['outcome'], error?: string): CaseRecord {
  const base = { type: 'case', file, name: 'works', outcome, durationMs: 1 } as const
  return error === undefined ? base : { ...base, error }
}

function resultOf(...cases: CaseRecord[]): TargetResult {
  return { target: 'host', release: 'r', durationMs: 1, bootMs: 0, cases }
}

const tests = ['a', 'b', 'c'].map((source) => ({ source, compiled: `${source}.js` }))

describe('repeatFailed', () => {
  it('takes the cases of a failed file that passes alone, and names it', async () => {
    const first = resultOf(caseOf('a', 'passed'), caseOf('b', 'failed', 'by luck'))
    const ran: string[] = []
    const { result, unsteady } = await repeatFailed(first, tests, async ({ source }) => {
      ran.push(source)
      return resultOf(caseOf(source, 'passed'))
    })
    assert.deepEqual(ran, ['b'])
    assert.deepEqual(result.cases, [caseOf('a', 'passed'), caseOf('b', 'passed')])
    assert.deepEqual(unsteady, [
      {
        target: 'host',
        file: 'b',
        failed: [caseOf('b', 'failed', 'by luck')],
        repeated: [caseOf('b', 'passed')],
      },
    ])
  })

  it('keeps the failure of a file that fails again, or then runs no test', async () => {
    const first = resultOf(caseOf('a', 'failed', 'one'), caseOf('b', 'failed', 'two'))
    const { result, unsteady } = await repeatFailed(first, tests, async ({ source }) =>
      source === 'a' ? resultOf(caseOf('a', 'failed', 'again')) : resultOf(),
    )
    assert.deepEqual(result, first)
    assert.deepEqual(unsteady, [])
  })

  it('repeats nothing if many files fail, or if the failure is of no file', async () => {
    const names = Array.from({ length: 9 }, (_, i) => `file ${i}`)
    const many = names.map((source) => ({ source, compiled: source }))
    const never = () => assert.fail('ran again')
    const all = resultOf(...names.map((name) => caseOf(name, 'failed', 'broken')))
    assert.deepEqual((await repeatFailed(all, many, never)).result, all)
    const missing = resultOf(caseOf('(none)', 'failed', 'kernel missing'))
    assert.deepEqual((await repeatFailed(missing, tests, never)).result, missing)
  })
})

describe('reportUnsteady', () => {
  const file = { target: '6.12', failed: [caseOf('b', 'failed', 'by luck')], repeated: [] }

  it('prints both outputs, and tells CI the file and the error', () => {
    const parts = join(folder, 'parts.txt')
    const summary = 'unsteady: 6.12 b\n  6.12 FAIL b > works (1 ms)\n       by luck\n'
    const lines: string[] = []
    const repeated = [caseOf('b', 'passed')]
    assert.equal(
      reportUnsteady([{ ...file, file: 'b', repeated }], (line) => lines.push(line), parts),
      false,
    )
    assert.deepEqual(lines, [
      '\nUNSTEADY: 6.12 b failed, and passed alone; first:',
      '6.12 FAIL b > works (1 ms)\n     by luck',
      'then, alone:',
      '6.12 ok   b > works (1 ms)',
    ])
    assert.equal(readFileSync(parts, 'utf8'), summary)
  })

  it('fails a run with more unsteady files than luck explains', () => {
    const files = (count: number) =>
      Array.from({ length: count }, (_, i) => ({ ...file, file: `${i}` }))
    assert.equal(
      reportUnsteady(files(unsteadyMax), () => {}, ''),
      false,
    )
    assert.equal(
      reportUnsteady(files(unsteadyMax + 1), () => {}, ''),
      true,
    )
  })
})
