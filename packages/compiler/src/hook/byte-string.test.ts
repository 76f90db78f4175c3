import assert from 'node:assert/strict'
import { test } from 'node:test'
import { byteString, joinBytes } from './byte-string.ts'

test('bytes become strings and are joined, also many of them', () => {
  const many = Uint8Array.from({ length: 20_000 }, (_, i) => i)
  for (const bytes of [new Uint8Array(), many.subarray(100, 300), many]) {
    assert.equal(byteString(bytes), Buffer.from(bytes).toString('latin1'))
  }
  assert.deepEqual(
    [...joinBytes(Uint8Array.of(1, 2), new Uint8Array(), Uint8Array.of(3))],
    [1, 2, 3],
  )
})
