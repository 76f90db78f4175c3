import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ByteWriter } from '../../bytes/byte-writer.ts'
import { testHook } from '../testing/test-records.ts'
import { EnforcementJson } from './enforcement-json.ts'
import type { Readable } from './hook-reader.ts'

const description = {
  ...testHook(1),
  enforcements: [
    [
      { action: 'Override', means: 'lsm', error: -1 },
      { action: 'Sigkill', means: 'signal', signal: 9 },
    ],
    [],
  ],
  returnEnforcements: [[{ action: 'Signal', signal: 10 }], []],
}
const [lsm, signal] = [
  { action: 'Override', means: 'lsm' },
  { action: 'Sigkill', means: 'signal' },
]

/** A record of which only the outcome is read. */
function record(outcome: number, failed = 0): Readable {
  return { enforcement: { outcome, failed } } as Readable
}

test('outcomes of enforcing actions', () => {
  const json = new EnforcementJson(description)
  const written = (selector: number, enter: Readable, leave?: Readable): unknown => {
    const out = new ByteWriter()
    json.write(out, selector, enter, leave)
    const text = Buffer.from(out.bytes.subarray(0, out.length)).toString('latin1')
    return text === '' ? undefined : JSON.parse(`{${text.slice(1)}}`).enforcement
  }
  // Twice: the second time from the texts that were kept.
  for (let round = 0; round < 2; round++) {
    const done = [
      { ...lsm, done: true, error: -1 },
      { ...signal, done: true, signal: 9 },
    ]
    const monitored = [
      { ...lsm, error: -1 },
      { ...signal, signal: 9 },
    ]
    assert.deepEqual(written(0, record(1)), done)
    assert.deepEqual(written(0, record(0)), monitored)
    assert.deepEqual(written(0, record(1, 2)), [done[0], { ...signal, signal: 9, failed: true }])
    const limited = monitored.map((each) => ({ ...each, limit_reached: true }))
    assert.deepEqual(written(0, record(2)), limited)
    const later = { action: 'Signal', signal: 10 }
    assert.deepEqual(written(0, record(0), record(0)), [...monitored, later])
    assert.deepEqual(written(0, record(0), record(1)), [
      ...monitored,
      { action: 'Signal', done: true, signal: 10 },
    ])
    assert.equal(written(1, record(1)), undefined)
  }
})
