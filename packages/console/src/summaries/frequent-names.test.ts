import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { FrequentNames } from './frequent-names.ts'

test('every name with a large part is among them, with an upper bound of its count', () => {
  const names = fc.array(fc.tuple(fc.constantFrom(...'abcdefgh'), fc.integer({ min: 1, max: 9 })))
  fc.assert(
    fc.property(names, fc.integer({ min: 1, max: 8 }), (added, max) => {
      const frequent = new FrequentNames(max)
      const counts = new Map<string, number>()
      let total = 0
      for (const [name, count] of added) {
        frequent.add(name, count)
        counts.set(name, (counts.get(name) ?? 0) + count)
        total += count
      }
      const top = frequent.top(max)
      assert.ok(top.length <= max)
      for (const { name, count, isExact } of top) {
        const real = counts.get(name) ?? 0
        assert.ok(isExact ? count === real : count >= real)
      }
      for (const [name, count] of counts) {
        if (count > total / max) assert.ok(top.some((each) => each.name === name))
      }
    }),
  )
})

test('long names are cut', () => {
  const frequent = new FrequentNames(2)
  frequent.add('x'.repeat(100_000), 1)
  assert.ok(frequent.top(1)[0].name.length < 300)
})
