import assert from 'node:assert/strict'
import { test } from 'node:test'
import { probe } from '@tetragon-ts/ebpf/features'
import { probeAnswers } from './probe-answers.ts'

test('features have the names of Tetragon and the answers of the probes', () => {
  const answers = new Map(probeAnswers().map(({ Name, Enabled }) => [Name, Enabled]))
  assert.equal(answers.get('fmodret'), probe('fmod_ret').answer === 'yes')
  assert.equal(answers.get('signal'), true)
  assert.equal(answers.get('large'), true)
  // All kernels with auditing have it, including all of the matrix.
  assert.equal(answers.get('audit_loginuid'), true)
  assert.equal(typeof answers.get('missed_stats_kprobe'), 'boolean')
  // The requirements of Tetragon's policy tests.
  for (const name of ['mix_bpf_and_tail_calls', 'buildid', 'fmodret_syscall', 'link_pin']) {
    assert.equal(typeof answers.get(name), 'boolean', name)
  }
  // A probe of ours that has no name in Tetragon.
  assert.equal(answers.get('bpf_loop'), probe('bpf_loop').answer === 'yes')
})
