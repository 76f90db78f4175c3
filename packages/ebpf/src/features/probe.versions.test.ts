import assert from 'node:assert/strict'
import { test } from 'node:test'
import { featureNames, probe, report } from './index.ts'

test('every feature has an answer and a reason', (t) => {
  const begin = performance.now()
  const all = report()
  t.diagnostic(`${featureNames.length} probes in ${(performance.now() - begin).toFixed(1)} ms`)
  for (const name of featureNames) {
    const { answer, reason } = all[name]
    t.diagnostic(`${name}: ${answer} (${reason})`)
    assert.ok(['yes', 'no', 'unknown'].includes(answer))
    assert.ok(reason.length > 0, name)
  }
  // What every kernel from 5.10 on offers to root, so that a probe that always fails shows.
  for (const name of ['raw_tp', 'ring_buffer', 'probe_read_kernel', 'send_signal'] as const) {
    assert.equal(all[name].answer, 'yes', `${name}: ${all[name].reason}`)
  }
})

test('yes and no are remembered', () => {
  for (const name of featureNames) {
    const first = probe(name)
    if (first.answer !== 'unknown') assert.equal(probe(name), first)
  }
})
