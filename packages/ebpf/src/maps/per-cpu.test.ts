import assert from 'node:assert/strict'
import { test } from 'node:test'
import { record, u8, u16, u32 } from '../records/index.ts'
import { perCpuCodec } from './per-cpu.ts'

test('each value begins at a multiple of 8 bytes', () => {
  const value = record('Value', { a: u8, b: u16, c: u32, d: u8 })
  assert.equal(value.size, 12)
  const codec = perCpuCodec(value, 3)
  assert.equal(codec.size, 48)
  const values = [1, 2, 3].map((n) => ({ a: n, b: n * 300, c: n * 100_000, d: 255 }))
  const view = new DataView(new ArrayBuffer(56))
  codec.encode(values, view, 8)
  assert.deepEqual(codec.decode(view, 8), values)
  assert.equal(view.getUint8(8 + 16), 2)
})

test('a value for each CPU, no fewer and no more', () => {
  const codec = perCpuCodec(u32, 2)
  const view = new DataView(new ArrayBuffer(16))
  assert.throws(() => codec.encode([1], view, 0), /1 values for 2 CPUs/)
  assert.throws(() => codec.encode([1, 2, 3], view, 0), RangeError)
})
