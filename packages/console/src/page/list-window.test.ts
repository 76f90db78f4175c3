import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import {
  heightOf,
  positionAt,
  rowHeight,
  rowsAround,
  rowsWanted,
  scrollTopAt,
  topOf,
} from './list-window.ts'

/** Lists that fit, those that are scrolled, and those higher than elements may be. */
const anyList = fc.record({
  count: fc.oneof(fc.nat(100), fc.nat(50_000), fc.integer({ min: 600_000, max: 3_000_000 })),
  clientHeight: fc.nat(3000),
})
const share = fc.double({ min: 0, max: 1, noNaN: true })
/** Pixels that sums of fractions may differ by. */
const epsilon = 0.01

test('wherever a list is scrolled to, its rows fill what is in sight', () => {
  fc.assert(
    fc.property(anyList, share, (list, share) => {
      const { count, clientHeight } = list
      const scrollTop = share * Math.max(0, heightOf(count) - clientHeight)
      const { from, to } = rowsAround(scrollTop, list)
      const [top, bottom] = [
        topOf(from, scrollTop, list),
        topOf(Math.min(to, count), scrollTop, list),
      ]
      assert.ok(top <= scrollTop + epsilon, `${top} > ${scrollTop}`)
      const end = Math.min(scrollTop + clientHeight, heightOf(count))
      assert.ok(bottom >= end - epsilon, `${bottom} < ${end}`)
    }),
  )
})

test('the last rows end where the element ends', () => {
  fc.assert(
    fc.property(anyList, (list) => {
      const { count, clientHeight } = list
      const scrollTop = Math.max(0, heightOf(count) - clientHeight)
      assert.ok(Math.abs(topOf(count, scrollTop, list) - heightOf(count)) < epsilon)
      assert.ok(rowsWanted(list) * rowHeight >= clientHeight)
    }),
  )
})

test('a list is scrolled to a position, as far as it has rows', () => {
  fc.assert(
    fc.property(anyList, share, (list, share) => {
      const end = Math.max(0, list.count - list.clientHeight / rowHeight)
      const position = share * end
      assert.ok(Math.abs(positionAt(scrollTopAt(position, list), list) - position) < epsilon)
      assert.equal(scrollTopAt(list.count + 1, list), scrollTopAt(end, list))
      assert.equal(scrollTopAt(-1, list), 0)
    }),
  )
})
