import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { EventContent } from './event-segment.ts'
import { EventStore } from './event-store.ts'
import { compileFilter } from './filter.ts'

function event(line: string, time = 0, more: Partial<EventContent> = {}): EventContent {
  return { time, line, fields: {}, bytes: new Uint8Array(10), ...more }
}

const manyEvents = fc.array(
  fc.record({
    line: fc.oneof(fc.constantFrom('a', 'b', 'ab'), fc.string({ unit: 'grapheme' })),
    time: fc.nat(50),
    exec: fc.constantFrom('', 'x', 'y'),
    pod: fc.constantFrom('', 'p'),
    // Events that fill a segment.
    size: fc.constantFrom(0, 3, 400_000),
  }),
  { maxLength: 30 },
)
const anySpan = fc.option(fc.record({ from: fc.nat(50), to: fc.nat(60) }), { nil: undefined })

test('the last events are kept, and those are shown that match and are in the span', () => {
  const max = fc.integer({ min: 1, max: 20 })
  fc.assert(
    fc.property(manyEvents, max, fc.nat(30), anySpan, (events, max, at, span) => {
      const store = new EventStore(max, Number.POSITIVE_INFINITY)
      const filter = (): void => {
        store.filter(compileFilter('a'))
        store.setSpan(span)
      }
      for (const [i, { line, time, exec, pod, size }] of events.entries()) {
        if (i === at) filter()
        const bytes = new Uint8Array(size).fill(i)
        assert.equal(store.add(event(line, time, { fields: { exec, pod }, bytes })), i)
        // Slices of a filter and new events take turns.
        if (i > at) store.filterUntil(() => i % 2 === 0)
      }
      if (at >= events.length) filter()
      assert.ok(store.filterUntil(() => false))

      const all = events.map((each, id) => ({ ...each, id }))
      const kept = all.slice(store.dropped)
      assert.equal(store.size, kept.length)
      assert.ok(kept.length >= Math.min(max, events.length))
      for (const { id, line, time, exec, size } of kept) {
        const stored = store.get(id)
        assert.deepEqual([stored?.line, stored?.time, stored?.fields.exec], [line, time, exec])
        assert.deepEqual(stored?.bytes, new Uint8Array(size).fill(id))
      }
      for (const { id } of all.slice(0, store.dropped)) assert.equal(store.get(id), undefined)
      assert.equal(store.get(events.length), undefined)
      assert.deepEqual(
        store.idsWith('exec', 'x'),
        kept.filter(({ exec }) => exec === 'x').map(({ id }) => id),
      )
      const isInSpan = ({ time }: { time: number }): boolean =>
        span === undefined || (time >= span.from && time < span.to)
      const choice = { field: 'exec', accepts: (value: string) => value !== 'x' } as const
      assert.deepEqual(
        [...store.idsBySegment(span, choice)].flatMap(({ ids }) => ids),
        kept.filter((each) => isInSpan(each) && each.exec !== 'x').map(({ id }) => id),
      )
      const dropped = all.slice(0, store.dropped).map(({ time }) => time)
      assert.equal(store.droppedUntil, dropped.length === 0 ? undefined : Math.max(...dropped))
      const pairs = store.countPairs(['exec', 'pod'], span)
      for (const exec of ['', 'x', 'y']) {
        for (const pod of ['', 'p']) {
          const own = kept.filter(
            (each) => isInSpan(each) && each.exec === exec && each.pod === pod,
          )
          assert.equal(pairs.get(exec)?.get(pod) ?? 0, own.length)
        }
      }
      const counts = store.density.part().counts.reduce((sum, count) => sum + count, 0)
      assert.equal(counts, kept.length)

      const shown = kept.filter((each) => isInSpan(each) && each.line.toLowerCase().includes('a'))
      assert.deepEqual(
        store.rows(0, 100).map(({ id }) => id),
        shown.map(({ id }) => id),
      )
      assert.deepEqual(store.rows(1, 3), store.rows(0, 100).slice(1, 3))
      assert.equal(store.shown, shown.length)
      for (const [i, { id }] of shown.entries()) assert.equal(store.shownUpTo(id), i + 1)
    }),
  )
})

const steps = fc.array(
  fc.record({
    kind: fc.constantFrom('live', 'live', 'past', 'past', 'connection'),
    size: fc.constantFrom(3, 400_000),
  }),
  { maxLength: 40 },
)

test('events of the past are before the live ones of their connection, and the oldest are dropped', () => {
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 20 }), (steps, max) => {
      const store = new EventStore(max, Number.POSITIVE_INFINITY)
      const connections: { past: string[]; live: string[] }[] = [{ past: [], live: [] }]
      const ids = new Map<string, number>()
      for (const [i, { kind, size }] of steps.entries()) {
        const { past, live } = connections.at(-1)!
        const own = event(`number ${i}`, i, { bytes: new Uint8Array(size) })
        if (kind === 'connection') {
          store.beginConnection()
          if (past.length + live.length > 0) connections.push({ past: [], live: [] })
          continue
        }
        const id = kind === 'live' ? store.add(own) : store.addPast(own)
        ids.set(own.line, id)
        assert.equal(store.isPast(id), kind === 'past')
        connections.at(-1)![kind].push(own.line)
        assert.ok(id <= store.last)
      }
      const all = connections.flatMap(({ past, live }) => [...past, ...live])
      const rows = store.rows(0, 100)
      assert.equal(rows.length, store.size)
      assert.equal(store.size + store.dropped, all.length)
      // Some of the past may have been dropped while there was room again for those after them.
      const kept = new Set(rows.map(({ line }) => line))
      assert.deepEqual(
        rows.map(({ line }) => line),
        all.filter((line) => kept.has(line)),
      )
      for (const { id, line } of rows) {
        assert.equal(id, ids.get(line))
        assert.equal(store.get(id)?.line, line)
      }
      assert.deepEqual(
        [...store.idsBySegment(undefined)].flatMap(({ ids }) => ids),
        rows.map(({ id }) => id),
      )
      for (const [i, { id }] of rows.entries()) assert.equal(store.shownUpTo(id), i + 1)
      assert.equal(store.shownUpTo(store.last), rows.length)
    }),
  )
})

test('its memory is bounded', () => {
  const bytesMax = 8 << 20
  const store = new EventStore(1e9, bytesMax)
  for (let i = 0; i < 50_000; i++) store.add(event('x'.repeat(1000)))
  assert.ok(store.size < bytesMax / 1000)
  assert.ok(store.size > bytesMax / 3000)
  assert.equal(store.size + store.dropped, 50_000)
  assert.equal(store.get(0), undefined)
  store.add(event('x'.repeat(10_000_000)))
  store.add(event('the last one'))
  assert.equal(store.get(50_001)?.line, 'the last one')
  assert.equal(store.size, 1)
})

test('a filter of many events is applied in slices, the latest events first', () => {
  const store = new EventStore(1e9, 1e9)
  for (let i = 0; i < 10_000; i++) store.add(event(`number ${i}`))
  store.filter(compileFilter('number'))
  let asked = 0
  assert.equal(
    store.filterUntil(() => ++asked > 2000),
    false,
  )
  assert.ok(store.shown > 0 && store.shown < 10_000)
  assert.equal(store.rows(store.shown - 1, store.shown)[0].line, 'number 9999')
  assert.equal(
    store.filterUntil(() => false),
    true,
  )
  assert.equal(store.shown, 10_000)
})

test('an event is found by its moment', () => {
  const store = new EventStore(1e9, 1e9)
  for (const time of [1, 2, 2]) store.add({ ...event(''), time })
  assert.equal(store.findAt(2, ({ id }) => id === 2)?.id, 2)
  assert.equal(
    store.findAt(3, () => true),
    undefined,
  )
})

test('a walk by segment survives events that are added and dropped in between', () => {
  const full = 'x'.repeat(1 << 20)
  const store = new EventStore(3, Number.POSITIVE_INFINITY)
  for (let i = 0; i < 3; i++) store.add(event(full))
  const walk = store.idsBySegment(undefined)
  assert.deepEqual(walk.next().value, {
    first: 0,
    end: 1,
    ids: [0],
    hasSkipped: false,
    remaining: 2,
  })
  for (let i = 0; i < 2; i++) store.add(event(full))
  assert.deepEqual(walk.next().value, {
    first: 2,
    end: 3,
    ids: [2],
    hasSkipped: true,
    remaining: 0,
  })
  assert.ok(walk.next().done)
})

test('a walk has each event of its start once, whatever is added and dropped between its steps', () => {
  const batches = fc.array(manyEvents, { maxLength: 8 })
  const max = fc.integer({ min: 1, max: 20 })
  fc.assert(
    fc.property(manyEvents, batches, max, anySpan, (events, batches, max, span) => {
      const store = new EventStore(max, Number.POSITIVE_INFINITY)
      const times: number[] = []
      const add = (all: typeof events): void => {
        for (const { line, time, size } of all) {
          times[store.add(event(line, time, { bytes: new Uint8Array(size) }))] = time
        }
      }
      add(events)
      const [first, until] = [store.dropped, store.dropped + store.size]
      const walk = store.idsBySegment(span)
      const walked: number[] = []
      let end = first
      for (const batch of batches) {
        add(batch)
        const { dropped } = store
        const { value, done } = walk.next()
        if (done) break
        assert.ok(value.first >= dropped && value.end > end && value.end <= until)
        end = value.end
        walked.push(...value.ids)
      }
      // Nothing more is added.
      for (const { ids } of walk) walked.push(...ids)
      assert.deepEqual(
        walked,
        [...new Set(walked)].sort((a, b) => a - b),
      )
      const isInSpan = (id: number): boolean =>
        span === undefined || (times[id] >= span.from && times[id] < span.to)
      assert.ok(walked.every((id) => id >= first && id < until && isInSpan(id)))
      // Only events that were dropped are missing.
      for (let id = Math.max(first, store.dropped); id < until; id++) {
        assert.equal(walked.includes(id), isInSpan(id), `event ${id}`)
      }
    }),
  )
})

test('a walk ends while events arrive at each of its steps', () => {
  const store = new EventStore(1e9, 1e9)
  for (let i = 0; i < 10; i++) store.add(event('kept'))
  let steps = 0
  for (const { ids } of store.idsBySegment(undefined)) {
    assert.equal(ids.length, 10)
    assert.equal(++steps, 1)
    store.add(event('new'))
  }
})
