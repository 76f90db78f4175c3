import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import type { TestEvent } from 'node:test/reporters'
import { CaseTracker, reporterUrl, reporterVariables } from './case-reporter.ts'

/** The parts of node:test events that the tracker uses. */
function event(type: string, nesting: number, data: object): TestEvent {
  return { type, data: { nesting, details: { duration_ms: 1 }, ...data } } as unknown as TestEvent
}

it('notes belong to the case before them, those of the whole run to none', () => {
  const tracker = new CaseTracker('a.ts')
  const records = [
    event('test:start', 0, { name: 'suite' }),
    event('test:start', 1, { name: 'case' }),
    event('test:pass', 1, { name: 'case' }),
    event('test:diagnostic', 1, { message: 'back end: fentry' }),
    event('test:pass', 0, { name: 'suite', details: { duration_ms: 2, type: 'suite' } }),
    event('test:diagnostic', 0, { message: 'tests 1' }),
    event('test:diagnostic', 0, { message: 'duration_ms 12.5' }),
  ].flatMap((each) => tracker.event(each) ?? [])
  assert.deepEqual(records, [
    { type: 'case', file: 'a.ts', name: 'suite > case', durationMs: 1, outcome: 'passed' },
    { type: 'note', file: 'a.ts', name: 'suite > case', text: 'back end: fentry' },
  ])
})

it('needs nobody who reads its progress', () => {
  const folder = mkdtempSync(join(tmpdir(), 'case-reporter-'))
  try {
    const [file, results] = [join(folder, 'one.mjs'), join(folder, 'results')]
    writeFileSync(file, "import { it } from 'node:test'; it('one', () => {})")
    const options = ['--test-reporter', reporterUrl, '--test-reporter-destination', 'stdout']
    const env = { [reporterVariables.results]: results, [reporterVariables.file]: 'one' }
    const { status, stderr } = spawnSync(process.execPath, [...options, file], {
      env: { ...process.env, ...env },
    })
    assert.equal(status, 0, stderr.toString())
    assert.match(readFileSync(results, 'utf8'), /"outcome":"passed"/)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
