import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CaseCollector } from './case-collector.ts'
import {
  type CaseRecord,
  closingLine,
  countTarget,
  type FileRecord,
  mergeResults,
} from './case-results.ts'

const passed: CaseRecord = {
  type: 'case',
  file: 'a.ts',
  name: 'works',
  outcome: 'passed',
  durationMs: 1,
}

const ended: FileRecord = {
  type: 'file',
  file: 'a.ts',
  exitCode: 0,
  signal: null,
  timedOut: false,
  durationMs: 2000,
  output: '',
}

/** Feeds records to a collector of one file and closes it. */
function collect(records: readonly (CaseRecord | FileRecord | string)[]) {
  const seen: CaseRecord[] = []
  const collector = new CaseCollector(['a.ts'], (record) => seen.push(record))
  for (const record of records) {
    collector.line(typeof record === 'string' ? record : JSON.stringify(record))
  }
  collector.close('the machine stopped')
  assert.deepEqual(seen, collector.cases)
  const result = { target: 't', release: 'r', durationMs: 0, bootMs: 0, cases: seen }
  return { counts: closingLine(countTarget(result)), last: seen.at(-1)?.error }
}

describe('CaseCollector', () => {
  it('counts cases of a file that ended well', () => {
    const skipped: CaseRecord = { ...passed, outcome: 'skipped', reason: 'no BTF' }
    const { counts } = collect([passed, skipped, ended])
    assert.equal(counts, '1 passed, 0 failed, 1 skipped')
  })

  it('does not count a failed case twice', () => {
    const failed: CaseRecord = { ...passed, outcome: 'failed', error: 'broken' }
    const { counts } = collect([passed, failed, { ...ended, exitCode: 1 }])
    assert.equal(counts, '1 passed, 1 failed, 0 skipped')
  })

  it('keeps what a case says about itself', () => {
    const collector = new CaseCollector(['a.ts'], () => {})
    const note = { type: 'note', file: 'a.ts', name: 'works', text: 'in 3 ms' }
    for (const record of [passed, note, { ...note, text: 'twice' }, { ...note, name: 'other' }]) {
      collector.line(JSON.stringify(record))
    }
    assert.deepEqual(collector.cases, [{ ...passed, notes: ['in 3 ms', 'twice'] }])
  })

  it('fails a file without a test', () => {
    const { counts, last } = collect([ended])
    assert.equal(counts, '0 passed, 1 failed, 0 skipped')
    assert.equal(last, 'the file contains no test')
  })

  it('fails a file that crashes after its cases, and shows what it printed', () => {
    const crash = { ...ended, exitCode: null, signal: 'SIGSEGV', output: 'last words\n' }
    const { counts, last } = collect([passed, crash])
    assert.equal(counts, '1 passed, 1 failed, 0 skipped')
    assert.equal(last, 'ended by SIGSEGV\nlast words')
  })

  it('fails a file that exits with an error though no case failed', () => {
    assert.equal(collect([passed, { ...ended, exitCode: 7 }]).last, 'exit code 7')
  })

  it('fails a file that took too long', () => {
    const late = { ...ended, exitCode: null, signal: 'SIGKILL', timedOut: true }
    assert.equal(collect([passed, late]).last, 'timed out after 2 s')
  })

  it('fails a file whose end never came, and passes over a line that was cut off', () => {
    const { counts, last } = collect([passed, '{"type":"case","fi', 'noise'])
    assert.equal(counts, '1 passed, 1 failed, 0 skipped')
    assert.equal(last, 'did not finish: the machine stopped')
  })
})

describe('countTarget', () => {
  it('counts a kernel that the archive does not have as skipped', () => {
    const missing = { target: '5.10', release: '', durationMs: 0, bootMs: 0, cases: [] }
    assert.equal(countTarget({ ...missing, missing: 'gone' }).skipped, 1)
    assert.equal(countTarget(missing).skipped, 0)
  })
})

describe('results of some files', () => {
  const of = (release: string, ...files: string[]) => ({
    target: 't',
    release,
    durationMs: 0,
    bootMs: 0,
    cases: files.map((file) => ({ ...passed, file })),
  })
  const files = (result: ReturnType<typeof mergeResults>) => result.cases.map(({ file }) => file)

  it('keep earlier ones of other files', () => {
    assert.deepEqual(files(mergeResults(of('r', 'a', 'b'), of('r', 'b'), ['b'])), ['a', 'b'])
    assert.deepEqual(files(mergeResults(of('r', 'a', 'b'), of('r', 'c'), ['b', 'c'])), ['a', 'c'])
    assert.deepEqual(files(mergeResults(undefined, of('r', 'c'), ['c'])), ['c'])
  })

  it('are all there is when the kernel is another', () => {
    assert.deepEqual(files(mergeResults(of('r', 'a'), of('s', 'b'), ['b'])), ['b'])
  })
})
