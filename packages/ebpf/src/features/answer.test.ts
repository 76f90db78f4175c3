import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EbpfError } from '../errors/index.ts'
import { SystemCallError } from '../sys/index.ts'
import { CouldNotTell, hasBpfCapability, judge } from './answer.ts'

test('refusals of the kernel are a no, troubles of the moment are not', () => {
  assert.deepEqual(judge(new SystemCallError('attach x', 95)), {
    answer: 'no',
    reason: 'attach x: EOPNOTSUPP (not supported)',
  })
  assert.equal(judge(new SystemCallError('create map x', 12)).answer, 'unknown')
  assert.equal(judge(new CouldNotTell('not mounted')).answer, 'unknown')
  assert.equal(judge(new EbpfError('EBPF_NO_TRACEFS', 'x')).answer, 'unknown')
  assert.equal(judge(new Error('no such function')).answer, 'no')
})

test('the error behind a verifier error counts', () => {
  const cause = new SystemCallError('load program x', 12)
  const error = new EbpfError('EBPF_VERIFIER', 'load program x: …\n  | line', { cause })
  assert.deepEqual(judge(error), { answer: 'unknown', reason: 'load program x: …' })
})

test('reads the effective capabilities', () => {
  assert.equal(hasBpfCapability('CapInh:\t0\nCapEff:\t000001ffffffffff\nCapBnd:\t0\n'), true)
  assert.equal(hasBpfCapability('CapEff:\t0000008000000000\n'), true)
  assert.equal(hasBpfCapability('CapEff:\t0000000000200000\n'), true)
  assert.equal(hasBpfCapability('CapEff:\t0000000000000000\n'), false)
  assert.equal(hasBpfCapability(''), false)
})
