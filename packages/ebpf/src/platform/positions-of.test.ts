import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import * as node from './node.ts'
import * as web from './web.ts'

const bytes = (values: readonly number[]) => Uint8Array.from(values)

test('all positions of a pattern are found, also overlapping ones', () => {
  const value = fc.nat(2)
  const pattern = fc.array(value, { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(pattern, fc.array(value, { maxLength: 60 }), (wanted, all) => {
      const expected = all.flatMap((_, at) =>
        wanted.every((each, i) => all[at + i] === each) ? [at] : [],
      )
      for (const { positionsOf } of [node, web]) {
        assert.deepEqual(positionsOf(bytes(wanted), bytes(all)), expected)
      }
    }),
  )
  for (const { positionsOf } of [node, web]) {
    assert.deepEqual(positionsOf(bytes([]), bytes([1])), [])
  }
})
