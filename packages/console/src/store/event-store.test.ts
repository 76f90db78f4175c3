import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { EventStore, type StoredEvent } from './event-store.ts'
import { compileFilter } from './filter.ts'

function event(line: string): Omit<StoredEvent, 'id'> {
  return { kind: 'process_exec', time: 0, line, fields: {}, bytes: new Uint8Array(10) }
}

test('the last events are kept, and those that match are shown', () => {
  const words = fc.array(fc.constantFrom('a', 'b', 'ab', 'c'), { maxLength: 60 })
  fc.assert(
    fc.property(words, fc.integer({ min: 1, max: 20 }), fc.nat(60), (lines, max, at) => {
      const store = new EventStore(max, Number.POSITIVE_INFINITY)
      for (const [i, line] of lines.entries()) {
        if (i === at) store.filter(compileFilter('a'))
        assert.equal(store.add(event(line)), i)
      }
      if (at >= lines.length) store.filter(compileFilter('a'))
      const kept = lines.map((line, id) => ({ line, id })).slice(-max)
      const shown = kept.filter(({ line }) => line.includes('a'))
      assert.equal(store.size, kept.length)
      assert.equal(store.dropped, lines.length - kept.length)
      assert.deepEqual(
        store.rows(0, 100).map(({ id, line }) => ({ line, id })),
        shown,
      )
      assert.equal(store.shown, shown.length)
      for (const [i, { id }] of shown.entries()) assert.equal(store.shownUpTo(id), i + 1)
      assert.equal(store.get(kept.at(-1)?.id ?? 0)?.line, kept.at(-1)?.line)
    }),
  )
})

test('its memory is bounded', () => {
  const store = new EventStore(1e9, 100_000)
  for (let i = 0; i < 20_000; i++) store.add(event('x'.repeat(100)))
  assert.ok(store.size < 300)
  assert.equal(store.size + store.dropped, 20_000)
  assert.equal(store.get(0), undefined)
  store.add(event('x'.repeat(1_000_000)))
  assert.equal(store.size, 1)
})
