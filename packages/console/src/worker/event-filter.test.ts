import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EventStore } from '../store/event-store.ts'
import { compileFilter } from '../store/filter.ts'
import { EventFilter } from './event-filter.ts'

const event = (line: string) => ({ time: 0, line, fields: {}, bytes: new Uint8Array() })

/** Lets a time pass without rest, as a slow expression does. */
function work(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

test('a slow test of events leaves turns to others, after a few events', async () => {
  const store = new EventStore(1e9, 1e9)
  for (let i = 0; i < 40; i++) store.add(event(`number ${i}`))
  const words = compileFilter('number')
  store.filter((subject) => {
    work(5)
    return words(subject)
  })
  const filter = new EventFilter(store, () => false)
  const before = filter.version
  filter.apply()
  while (filter.isSearching) await new Promise((resolve) => setImmediate(resolve))
  assert.equal(store.shown, 40)
  // Each slice is another version: it ends after 20 ms, which are four events.
  assert.ok(filter.version - before >= 10, `${filter.version - before} slices`)
})

test('a filter that is set while events are tested is in force at the end', async () => {
  const store = new EventStore(1e9, 1e9)
  for (let i = 0; i < 100_000; i++) store.add(event(`number ${i}`))
  const filter = new EventFilter(store, () => false)
  await filter.set('number')
  await filter.set('"number 9999"')
  while (filter.isSearching) await new Promise((resolve) => setImmediate(resolve))
  assert.equal(store.shown, 11)
})
