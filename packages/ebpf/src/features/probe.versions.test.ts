import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Btf } from '../btf/index.ts'
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
  // Every kernel from 5.10 on offers these to root, so a probe that always fails is noticed.
  const everywhere = ['raw_tp', 'ring_buffer', 'probe_read_kernel', 'send_signal'] as const
  for (const name of [...everywhere, 'functions_and_tail_calls'] as const) {
    assert.equal(all[name].answer, 'yes', `${name}: ${all[name].reason}`)
  }
  // Features of the same release, or of which one needs the other.
  const btf = Btf.open()
  const attributes = btf.find('perf_event_attr', 'struct')
  const hasBuildIds = attributes !== undefined && btf.member(attributes, 'build_id') !== undefined
  assert.equal(all.mapping_build_ids.answer, hasBuildIds ? 'yes' : 'no')
  assert.equal(all.link_pin.answer, all.uprobe_cookie.answer, all.link_pin.reason)
  if (all.fmod_ret_syscall.answer === 'yes') assert.equal(all.fmod_ret.answer, 'yes')
})

test('yes and no are remembered', () => {
  for (const name of featureNames) {
    const first = probe(name)
    if (first.answer !== 'unknown') assert.equal(probe(name), first)
  }
})
