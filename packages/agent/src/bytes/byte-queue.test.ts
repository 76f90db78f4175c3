import assert from 'node:assert/strict'
import { it, mock } from 'node:test'
import fc from 'fast-check'
import { ByteQueue } from './byte-queue.ts'

it('a queue returns its bytes in other parts', () => {
  const parts = fc.array(fc.uint8Array({ maxLength: 9 }), { maxLength: 9 })
  fc.assert(
    fc.property(parts, fc.array(fc.nat(20)), (pushed, sizes) => {
      const queue = new ByteQueue()
      for (const part of pushed) queue.push(Buffer.from(part))
      let all = Buffer.concat(pushed)
      for (const size of sizes) {
        assert.equal(queue.length, all.length)
        for (let at = 0; at + 4 <= all.length; at++) {
          assert.equal(queue.readUInt32BE(at), all.readUInt32BE(at))
        }
        if (size > all.length) assert.throws(() => queue.take(size), RangeError)
        else assert.deepEqual(queue.take(size), all.subarray(0, size))
        if (size <= all.length) all = all.subarray(size)
      }
      assert.throws(() => queue.readUInt32BE(Math.max(0, all.length - 3)), RangeError)
    }),
  )
})

it('a queue copies no byte twice', (t) => {
  const queue = new ByteQueue()
  const concat = mock.method(Buffer, 'concat')
  t.after(() => concat.mock.restore())
  for (let i = 0; i < 1000; i++) queue.push(Buffer.alloc(100, i))
  assert.equal(queue.readUInt32BE(99_996), (999 & 0xff) * 0x01010101)
  assert.equal(queue.take(99_950).length, 99_950)
  assert.equal(queue.take(50).length, 50)
  assert.equal(concat.mock.callCount(), 1)
})
