import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { boundedKey } from './bounded-key.ts'

test('keys are bounded, and those of different texts differ', () => {
  const start = 'x'.repeat(300)
  fc.assert(
    fc.property(fc.string({ maxLength: 2000 }), fc.string({ maxLength: 2000 }), (one, other) => {
      for (const [a, b] of [
        [one, other],
        [start + one, start + other],
      ]) {
        assert.ok(boundedKey(a).length <= 256)
        assert.equal(boundedKey(a) === boundedKey(b), a === b)
      }
    }),
  )
})
