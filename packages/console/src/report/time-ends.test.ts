import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type TimedId, TimeEnds } from './time-ends.ts'

test('has the first and the last events in their order, in whatever order they arrive', () => {
  const times = fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 40 })
  fc.assert(
    fc.property(times, fc.integer({ min: 1, max: 8 }), (times, max) => {
      const events = times.map((time, id): TimedId => ({ time, id }))
      const ends = new TimeEnds(max)
      for (const event of events) ends.add(event)
      const sorted = [...events].sort((a, b) => a.time - b.time || a.id - b.id)
      assert.deepEqual(ends.first, sorted.slice(0, max))
      assert.deepEqual(ends.last, sorted.slice(max).slice(-max))
      assert.equal(ends.between, Math.max(0, events.length - 2 * max))
    }),
  )
})
