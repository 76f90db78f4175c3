import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fullRunPage, fullRunRow, resultsIn, rowsIn } from './full-run-page.ts'

const output = `unit ok   a > passed (1 ms)
host FAIL b > fails (2 ms)
     Error: with its reason
UNSTEADY: host a|b.test.ts failed, and passed alone; first:
NOT TESTED: kernel 6.1: not in the archive

host FAIL b > fails (2 ms)
12 passed, 1 failed, 2 skipped
`
const passed = { command: 'npm run a', durationMs: 61_000, results: [], failed: false }
const failed = { ...passed, command: 'npm run b', results: resultsIn(output), failed: true }
const machine = { kernel: '6.18', processors: 2, nodeMs: 67 }
const facts = { version: '1.2.3', date: '2026-11-30', ...machine }
const rowOfA = fullRunRow(facts, passed)
const rows = new Map([
  ['npm run a', rowOfA],
  ['npm run b', fullRunRow(facts, failed)],
])

describe('the page of a full run', () => {
  it('has what each command says about its cases', () => {
    assert.deepEqual(resultsIn(output), [
      'host FAIL b > fails (2 ms)',
      'UNSTEADY: host a|b.test.ts failed, and passed alone; first:',
      'NOT TESTED: kernel 6.1: not in the archive',
      '12 passed, 1 failed, 2 skipped',
    ])
    const row = fullRunRow(facts, failed)
    assert.match(row, /^\| `npm run b` \| \*\*failed\*\*<br>.* a\\\|b\.test.* \| 1 min \| 1\.2\.3/)
  })

  it('says whether all passed', () => {
    const commands = [...rows.keys()]
    assert.match(fullRunPage(commands, rows), / 1 failed\.$/m)
    assert.match(fullRunPage(['npm run a'], rows), / All passed\.$/m)
    const incomplete = fullRunPage(['npm run a', 'npm run c'], rows)
    assert.match(incomplete, / Some have not run yet\.$/m)
    assert.match(incomplete, /^\| `npm run c` \| not run \|/m)
    assert.doesNotMatch(incomplete, /All passed/)
  })

  it('keeps the rows of commands that ran before', () => {
    const page = fullRunPage(['npm run a', 'npm run c', 'npm run b'], rows)
    assert.deepEqual(rowsIn(page), rows)
    assert.deepEqual(rowsIn(''), new Map())
  })
})
