import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { CaseRecord } from './case-results.ts'
import { caseLine, matrixTable, slowestFiles } from './matrix-table.ts'

const file = 'packages/ebpf/src/maps/hash.versions.test.ts'
const passed: CaseRecord = { type: 'case', file, name: 'a', outcome: 'passed', durationMs: 1.4 }

describe('caseLine', () => {
  it('shows results and reasons', () => {
    assert.equal(caseLine('6.1', passed), '6.1  ok   ebpf/maps/hash > a (1 ms)')
    const skipped: CaseRecord = { ...passed, outcome: 'skipped', reason: 'no kprobe.multi' }
    assert.match(caseLine('6.1', skipped), /^6\.1 {2}skip .*# no kprobe\.multi$/)
    const failed: CaseRecord = { ...passed, outcome: 'failed', error: 'one\ntwo' }
    assert.match(caseLine('host', failed), /^host FAIL .*\n {5}one\n {5}two$/)
  })
})

describe('matrixTable', () => {
  it('has a row for each file and a column for each target', () => {
    const base = { durationMs: 6000, bootMs: 2100 }
    const failed: CaseRecord = { ...passed, outcome: 'failed', error: 'x' }
    const table = matrixTable([
      { ...base, target: '5.10', release: '', cases: [], missing: 'gone' },
      { ...base, target: '6.1', release: '6.1.0-56', cases: [passed, failed] },
    ])
    assert.deepEqual(table.split('\n'), [
      '                5.10     6.1',
      'kernel          missing  6.1.0-56',
      'ebpf/maps/hash  -        1 FAILED, 1 ok',
      'seconds         6.0      6.0',
      'of them boot    2.1      2.1',
    ])
  })
})

it('slowestFiles names the files of a target that took longest, and most processor time', () => {
  const base = { release: '6.1', durationMs: 1, bootMs: 1, cases: [] }
  const other = 'test/cases/exec-variants.early.test.ts'
  const fileMs = { [file]: 4600, [other]: 61_000 }
  const fileProcessorMs = { [file]: 3300, [other]: 900 }
  assert.deepEqual(slowestFiles([{ ...base, target: '7', fileMs, fileProcessorMs }]).split('\n'), [
    'slowest files, in seconds:',
    '7    test/cases/exec-variants 61, ebpf/maps/hash 5',
    'most processor time, in seconds:',
    '7    ebpf/maps/hash 3, test/cases/exec-variants 1',
  ])
})
