import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AddressMap, type Segment } from './segments.ts'

const segment = { type: 1, isExecutable: false, size: 0x1000, alignment: 4096 }
const segments: readonly Segment[] = [
  { ...segment, offset: 0, address: 0x40_0000 },
  { ...segment, offset: 0x800, address: 0x50_0800, isExecutable: true },
  { ...segment, offset: 0x3000, address: 0x60_0000, size: 0 },
  { ...segment, type: 2, offset: 0x9000, address: 0x70_0000 },
]

test('addresses and offsets are translated', () => {
  const map = new AddressMap(segments)
  assert.deepEqual([map.offsetOf(0x40_0010), map.offsetOf(0x50_0810)], [0x10, 0x810])
  assert.deepEqual([map.addressOf(0x10), map.addressOf(0x17ff)], [0x40_0010, 0x50_17ff])
  // Both segments have this offset: the executable one is preferred.
  assert.equal(map.addressOf(0x900), 0x50_0900)
  for (const address of [0x3f_ffff, 0x40_1000, 0x60_0000, 0x70_0000, -1, Number.NaN]) {
    assert.equal(map.offsetOf(address), undefined)
  }
  assert.equal(map.addressOf(0x1800), undefined)
  assert.deepEqual([map.isExecutable(0x50_0800), map.isExecutable(0x40_0000)], [true, false])
})
