import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EventStore } from '../store/event-store.ts'
import { compileFilter } from '../store/filter.ts'
import { type ShownValues, shownValues } from './shown-values.ts'

function storeOf(binaries: readonly string[], filter = ''): EventStore {
  const store = new EventStore(100_000, 1 << 30)
  store.filter(compileFilter(filter))
  for (const binary of binaries) {
    store.add({ time: 0, line: '', bytes: new Uint8Array(), fields: { binary, user: 'root' } })
  }
  store.filterUntil(() => false)
  return store
}

function valuesOf(values: ShownValues | undefined, field: string): [string, number][] {
  const found = values?.fields.find((each) => each.field === field)
  return found!.names.map(({ name, count }) => [name, count])
}

test('values of the filter are counted up to the pause, the most frequent first', async () => {
  const store = storeOf(['/a', '/b', '/b', '/other', '/b', ''], '-binary:other')
  const all = await shownValues(store)
  assert.deepEqual(valuesOf(all, 'binary'), [
    ['/b', 3],
    ['/a', 1],
  ])
  assert.deepEqual(valuesOf(all, 'user'), [['root', 5]])
  assert.deepEqual(valuesOf(all, 'policy'), [])
  const paused = await shownValues(store, 1)
  assert.deepEqual([paused?.events, valuesOf(paused, 'user')], [2, [['root', 2]]])
})

test('names that processes make up are bounded, and do not hide frequent ones', async () => {
  const made = Array.from({ length: 60_000 }, (_, i) => `/x/${i}`)
  const values = await shownValues(
    storeOf([...made, ...made.slice(0, 3), '/usual', '/usual', '/usual']),
  )
  assert.equal(values?.events, 60_006)
  assert.deepEqual(valuesOf(values, 'binary')[0], ['/usual', 3])
  assert.equal(valuesOf(values, 'binary').length, 6)
  const { others } = values!.fields.find(({ field }) => field === 'binary')!
  assert.ok(others <= 50_000, String(others))
})

test('another request ends one', async () => {
  assert.equal(await shownValues(storeOf(['/a']), undefined, () => false), undefined)
})
