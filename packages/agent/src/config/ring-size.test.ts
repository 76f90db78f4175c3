import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { ringSizeOf } from './ring-size.ts'

it('ring sizes are powers of two of at least a page', () => {
  fc.assert(
    fc.property(fc.nat(2 ** 30), (bytes) => {
      const size = ringSizeOf(bytes, 4096)
      assert.ok(size >= bytes && size >= 4096 && Number.isInteger(Math.log2(size)))
      assert.ok(size === 4096 || size / 2 < bytes)
    }),
  )
})
