import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RefusalReport } from '@tetragon-ts/compiler/hooks'
import { recordMemory } from '@tetragon-ts/ebpf/records'
import { recordKind } from '@tetragon-ts/sensors'
import { KeptRefusals } from './kept-refusals.ts'
import type { PendingCall } from './pending-calls.ts'

const memory = recordMemory(new ArrayBuffer(RefusalReport.size))

function tried() {
  const refusals = new KeptRefusals(memory)
  const call = (tid: number, size = 48): PendingCall => ({
    pid: 7,
    tid,
    hook: 1,
    timeHigh: 0,
    timeLow: 5,
    bytes: new Uint8Array(size),
    entered: undefined,
  })
  return {
    refusals,
    keep: (a: number, generation: number, tid = 7, bytes = 48) => {
      const words = { a, aHigh: 0, aLow: a, b: 1, bHigh: 0, bLow: 1, generation, padding: 0 }
      refusals.keep(a === 0 ? { ...words, b: 0, bLow: 0 } : words, () => call(tid, bytes))
    },
    report(a: number, generation: number, count: number, last = 0n) {
      const fields = { kind: recordKind.refusals, generation, count: BigInt(count), last }
      const record = { ...fields, a: BigInt(a), b: a === 0 ? 0n : 1n }
      RefusalReport.encode(record, new DataView(memory.bytes.buffer), 0)
      return refusals.read(0)
    },
  }
}

test('a report finds the refusal that others equal, with the time of the last one', () => {
  const { keep, report } = tried()
  keep(3, 9)
  const equal = report(3, 9, 934, (2n << 32n) | 6n)
  assert.equal(equal?.count, 934)
  const { timeHigh, timeLow, bytes } = equal.call
  assert.deepEqual([timeHigh, timeLow], [2, 6])
  assert.equal(new DataView(bytes.buffer).getBigUint64(8, true), (2n << 32n) | 6n)
})

test('the same refusal of another generation is another one', () => {
  const { keep, report } = tried()
  keep(3, 9, 1)
  keep(3, 10, 2)
  assert.equal(report(3, 10, 5)?.call.tid, 2)
  assert.equal(report(3, 9, 5)?.call.tid, 1)
})

test('at the end of a generation, it and those before are forgotten', () => {
  const { refusals, keep, report } = tried()
  const last = 2 ** 32 - 1
  for (const generation of [last, 0, 1]) keep(3, generation)
  report(0, last, 0)
  assert.equal(refusals.size, 2)
  report(0, 1, 0)
  assert.equal(refusals.size, 0)
})

test('refusals without a key are not kept; those whose first one was lost are counted', () => {
  const { refusals, keep, report } = tried()
  keep(0, 1)
  assert.equal(refusals.size, 0)
  assert.equal(report(3, 1, 934), undefined)
  assert.equal(refusals.lost, 934)
})

test('the oldest are given up if they take too much memory', () => {
  const { refusals, keep, report } = tried()
  for (let a = 1; a <= 40; a++) keep(a, 1, 7, 2 ** 19)
  assert.equal(refusals.size, 32)
  assert.equal(report(8, 1, 5), undefined)
  assert.equal(report(9, 1, 5)?.count, 5)
  assert.equal(refusals.lost, 5)
  for (let a = 1; a <= 5000; a++) keep(a, 2)
  assert.equal(refusals.size, 4096)
})
