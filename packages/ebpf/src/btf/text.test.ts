import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { nameBytes, textOf } from './text.ts'

test('a part of bytes is decoded as in Node.js', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 12 }), fc.string({ unit: 'binary' }), (any, text) => {
      for (const each of [any, Buffer.from(text)]) {
        const expected = Buffer.from(each).toString('utf8', 1, each.length)
        assert.equal(textOf(each, 1, each.length), expected)
      }
    }),
  )
})

test('a name is encoded as in Node.js', () => {
  const units = fc.array(fc.nat(0xffff)).map((all) => String.fromCharCode(...all))
  fc.assert(
    fc.property(fc.oneof(fc.string(), units), (name) => {
      assert.deepEqual([...nameBytes(name)], [...Buffer.from(name)])
    }),
  )
})
