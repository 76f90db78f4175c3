import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatExecId, parseExecId } from './exec-id.ts'
import { formatProcessFlags, parseProcessFlags, processFlags } from './flags.ts'

test('exec ids are formatted and parsed', () => {
  const text = 'a2luZC1jb250cm9sLXBsYW5lOjc5MTM2NDIxODQwMjoxMjU5Mg=='
  const id = { node: 'kind-control-plane', ktime: 791364218402n, pid: 12592 }
  assert.equal(formatExecId(id), text)
  assert.deepEqual(parseExecId(text), id)
  for (const bad of ['', '!', 'YQ==', Buffer.from('n:1:x').toString('base64')]) {
    assert.equal(parseExecId(bad), undefined)
  }
  const tooLate = Buffer.from('n:18446744073709551616:1').toString('base64')
  assert.equal(parseExecId(tooLate), undefined)
})

test('exec ids of any node, time and pid read back', () => {
  const node = fc.string({ unit: 'grapheme' })
  const ktime = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
  fc.assert(
    fc.property(node, ktime, fc.nat({ max: 2 ** 31 - 1 }), (node, ktime, pid) => {
      assert.deepEqual(parseExecId(formatExecId({ node, ktime, pid })), { node, ktime, pid })
    }),
  )
})

test('flags are written in their order', () => {
  assert.equal(formatProcessFlags(0x4001), 'execve clone')
  assert.equal(formatProcessFlags(0x4 | 0x1000 | 0x402), 'procFS rootcwd')
  assert.equal(formatProcessFlags(0), '')
  assert.equal(
    formatProcessFlags(-1),
    'execve procFS errorEnvs truncArgs miss errorFilename errorArgs nocwd rootcwd errorCWD clone ' +
      'errorCgroupName errorCgroupID errorCgroupSubsysCgrp errorCgroupSubsys errorCgroups ' +
      'errorPathResolutionCwd dataFilename dataArgs inInitTree',
  )
  assert.equal(parseProcessFlags('execve clone'), 0x4001)
  assert.equal(parseProcessFlags('unknown'), undefined)
  assert.equal(parseProcessFlags('constructor'), undefined)
})

test('flags read back', () => {
  const all = Object.values(processFlags)
  fc.assert(
    fc.property(fc.subarray(all), (bits) => {
      const mask = bits.reduce((sum, bit) => sum | bit, 0)
      assert.equal(parseProcessFlags(formatProcessFlags(mask)), mask)
    }),
  )
})
