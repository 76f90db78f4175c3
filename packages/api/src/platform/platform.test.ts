import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import * as node from './node.ts'
import type { Platform } from './platform.ts'
import * as web from './web.ts'

const platforms: readonly (readonly [string, Platform<Buffer> | Platform])[] = [
  ['Node.js', node satisfies Platform<Buffer>],
  ['browsers', web satisfies Platform],
]

const text = fc.string({ unit: 'binary', maxLength: 40 })
/** Half surrogate pairs included. */
const units = fc.array(fc.nat(0xffff), { maxLength: 20 }).map((all) => String.fromCharCode(...all))

for (const [name, given] of platforms) {
  const platform = given as Platform
  const bytesOf = (values: ArrayLike<number>) => platform.view(Uint8Array.from(values))

  describe(`bytes and texts in ${name}`, () => {
    it('UTF-8 is encoded like in the engine', () => {
      fc.assert(
        fc.property(fc.oneof(text, units), (value) => {
          const expected = new TextEncoder().encode(value)
          assert.deepEqual([...platform.encodeUtf8(value)], [...expected])
          assert.equal(platform.utf8Length(value), expected.length)
          const target = platform.allocate(expected.length + 3)
          assert.equal(platform.writeUtf8(target, value, 2), expected.length)
          assert.deepEqual([...target.subarray(2, -1)], [...expected])
          const wellFormed = value.toWellFormed()
          assert.equal(platform.utf8(bytesOf(expected), 0, expected.length), wellFormed)
          assert.equal(platform.strictUtf8(bytesOf(expected), 0, expected.length), wellFormed)
        }),
      )
    })

    it('invalid UTF-8 is replaced or refused', () => {
      const bytes = bytesOf([0x61, 0xff, 0x62])
      assert.equal(platform.utf8(bytes, 0, 3), 'a\ufffdb')
      assert.equal(platform.strictUtf8(bytes, 0, 3), undefined)
      assert.equal(platform.strictUtf8(bytes, 2, 3), 'b')
      const mark = bytesOf([0xef, 0xbb, 0xbf, 0x61])
      assert.equal(platform.utf8(mark, 0, 4), '\ufeffa')
      assert.equal(platform.strictUtf8(mark, 0, 4), '\ufeffa')
    })

    it('latin1, base64 and hexadecimal digits are encoded and decoded', () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 40 }), (values) => {
          const bytes = bytesOf(values)
          const characters = String.fromCharCode(...values)
          assert.equal(platform.latin1(bytes, 0, values.length), characters)
          const target = platform.allocate(values.length)
          platform.writeLatin1(target, characters, 0)
          assert.deepEqual([...target], [...values])
          const base64 = platform.base64(bytes)
          assert.equal(base64, Buffer.from(values).toString('base64'))
          const spellings = [base64, base64.replace(/=+$/, ''), toUrl(base64)]
          for (const each of spellings) {
            assert.deepEqual([...platform.fromBase64(each)], [...values])
          }
          assert.equal(platform.hex(bytes), Buffer.from(values).toString('hex'))
          assert.deepEqual([...platform.copy(bytes)], [...values])
        }),
      )
      const long = bytesOf(Array.from({ length: 20_000 }, (_, i) => i & 0xff))
      assert.equal(platform.latin1(long, 3, 20_000), Buffer.from(long).toString('latin1', 3))
    })
  })
}

function toUrl(base64: string): string {
  return base64.replaceAll('+', '-').replaceAll('/', '_')
}
