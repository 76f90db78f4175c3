import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { mergeRanges, prefixesOf, type Range } from './ranges.ts'

const small = fc.bigInt({ min: 0n, max: 60n })
const range: fc.Arbitrary<Range> = fc.tuple(small, small).map(([a, b]) => (a < b ? [a, b] : [b, a]))

test('merged ranges contain the same numbers, sorted and disjoint', () => {
  fc.assert(
    fc.property(fc.array(range), (ranges) => {
      const merged = mergeRanges(ranges)
      for (let n = 0n; n <= 61n; n++) {
        const isIn = (all: readonly Range[]): boolean => all.some(([a, b]) => n >= a && n <= b)
        assert.equal(isIn(merged), isIn(ranges))
      }
      merged.slice(1).forEach(([from], i) => {
        assert.ok(from > merged[i][1] + 1n)
      })
    }),
  )
})

test('the prefixes of a range cover it and nothing else, without overlap', () => {
  const word = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n })
  fc.assert(
    fc.property(fc.tuple(word, word), ([a, b]) => {
      const [from, to] = a < b ? [a, b] : [b, a]
      let next = from
      const keys = prefixesOf([from, to])
      for (const { bits, data } of keys) {
        const start = new DataView(data.buffer).getBigUint64(0)
        assert.equal(start, next)
        next += 1n << BigInt(64 - bits)
      }
      assert.equal(next, to + 1n)
      assert.ok(keys.length <= 126)
    }),
  )
})

test('all numbers are one prefix of no bits', () => {
  const [only, ...others] = prefixesOf([0n, (1n << 64n) - 1n])
  assert.deepEqual(others, [])
  assert.equal(only.bits, 0)
})
