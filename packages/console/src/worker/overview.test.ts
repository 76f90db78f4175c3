import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EventStore } from '../store/event-store.ts'
import type { Subject } from '../store/filter.ts'
import type { CountedField, FieldNames } from '../summaries/name-counts.ts'
import { type Overview, overviewOf } from './overview.ts'

const minute = 60_000
const always = () => true

function storeOf(events: readonly { time: number; fields: Subject['fields'] }[]): EventStore {
  const store = new EventStore(100_000, 1 << 30)
  for (const each of events) store.add({ line: '', bytes: new Uint8Array(), ...each })
  return store
}

function names(overview: Overview | undefined, field: CountedField): FieldNames {
  return overview!.fields.find((each) => each.field === field)!
}

test('values are counted, the most frequent first, and new ones are named', async () => {
  const at = (time: number, file: string) => ({ time, fields: { kind: 'process_kprobe', file } })
  const store = storeOf([
    at(0, '/usual'),
    ...Array.from({ length: 9 }, (_, i) => at(i, `/usual-${i}`)),
    ...Array.from({ length: 9 }, (_, i) => at(20 * minute, `/usual-${i}`)),
    at(20 * minute, '/usual'),
    at(20 * minute, '/usual'),
    at(20 * minute + 1, '/stolen'),
  ])
  const all = await overviewOf(store, undefined, 20 * minute + 1, always)
  assert.equal(all?.events, 22)
  const files = names(all, 'file')
  assert.deepEqual(files.names[0], { name: '/usual', count: 3, isNew: false })
  assert.deepEqual(files.names.at(-1), { name: '/stolen', count: 1, isNew: true })
  assert.equal(files.names.length + files.others, 11)
  assert.deepEqual(names(all, 'address').names, [])
  const span = { from: 0, to: minute }
  const first = await overviewOf(store, span, 20 * minute, always)
  assert.equal(first?.events, 10)
  // Nothing is known about the time before.
  assert.ok(names(first, 'file').names.every(({ isNew }) => !isNew))
})

test('rules are listed by level', async () => {
  const finding = (level: string, rule: string) => ({ time: 1, fields: { level, rule } })
  const [low, high] = [finding('low', 'Discovery'), finding('high', 'Shell')]
  const overview = await overviewOf(storeOf([low, low, high]), undefined, 1, always)
  assert.deepEqual(overview?.rules, [
    { level: 'high', rule: 'Shell', count: 1 },
    { level: 'low', rule: 'Discovery', count: 2 },
  ])
  const later = await overviewOf(storeOf([low, high]), { from: 2, to: 3 }, 1, always)
  assert.deepEqual(later?.rules, [])
})

test('names that processes make up do not hide frequent ones', async () => {
  const made = Array.from({ length: 60_000 }, (_, i) => ({
    time: i,
    fields: { binary: `/x/${i}` },
  }))
  const real = Array.from({ length: 50 }, (_, i) => ({ time: i, fields: { binary: '/bin/real' } }))
  const overview = await overviewOf(storeOf([...real, ...made, ...real]), undefined, 1, always)
  assert.deepEqual(names(overview, 'binary').names[0], {
    ...{ name: '/bin/real', count: 100 },
    isNew: false,
  })
})

test('a count ends when its overview is not wanted any more', async () => {
  const store = storeOf([{ time: 1, fields: { kind: 'process_exec' } }])
  assert.equal(await overviewOf(store, undefined, 1, () => false), undefined)
})
