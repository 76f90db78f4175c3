import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type FullRun, fullRunPage, resultsIn } from './full-run-page.ts'

const output = `unit ok   a > passed (1 ms)
host FAIL b > fails (2 ms)
     Error: with its reason
UNSTEADY: host a|b.test.ts failed, and passed alone; first:
NOT TESTED: kernel 6.1: not in the archive

host FAIL b > fails (2 ms)
12 passed, 1 failed, 2 skipped
`
const passed = { command: 'npm run a', durationMs: 61_000, results: [], failed: false }
const run: FullRun = {
  version: '1.2.3',
  date: '2026-11-30',
  kernel: '6.18',
  processors: 2,
  nodeMs: 67,
  commands: [passed, { ...passed, command: 'npm run b', results: resultsIn(output), failed: true }],
  left: [],
}

describe('the page of a full run', () => {
  it('has what each command says about its cases', () => {
    assert.deepEqual(resultsIn(output), [
      'host FAIL b > fails (2 ms)',
      'UNSTEADY: host a|b.test.ts failed, and passed alone; first:',
      'NOT TESTED: kernel 6.1: not in the archive',
      '12 passed, 1 failed, 2 skipped',
    ])
    assert.match(fullRunPage(run), /^\| `npm run b` \| 1 min \| \*\*failed\*\*<br>.* a\\\|b\.test/m)
  })

  it('says whether all passed', () => {
    assert.match(fullRunPage(run), /1 failed\.$/m)
    assert.match(fullRunPage({ ...run, commands: [passed] }), /^All passed\.$/m)
    const incomplete = fullRunPage({ ...run, commands: [passed], left: ['npm run c'] })
    assert.match(incomplete, /^This run is not complete\.$/m)
    assert.match(incomplete, /^\| `npm run c` \| - \| not run \|$/m)
    assert.doesNotMatch(incomplete, /All passed/)
  })
})
