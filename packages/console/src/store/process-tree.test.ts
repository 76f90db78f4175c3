import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type EventKey, eventOf } from '@tetragon-ts/api'
import { EventStore } from './event-store.ts'
import { ProcessIndex } from './process-index.ts'
import { ProcessTree } from './process-tree.ts'

const store = new EventStore(100, 1e9)
const index = new ProcessIndex(100, 1e9)

function take(kind: EventKey, exec: string, time: number): void {
  const process = { exec_id: exec, pid: 1, start_time: new Date(time).toISOString() }
  const parsed = eventOf({ [kind]: { process } })
  assert.ok(parsed.ok)
  index.see(parsed.event, time)
  store.add({ time, line: '', fields: { kind, exec }, bytes: new Uint8Array() })
}

test('a span shows the processes that ran in it, with their events in it', () => {
  take('process_exec', 'early', 10)
  take('process_exit', 'early', 20)
  take('process_exec', 'long', 15)
  for (const time of [25, 35, 36, 45]) {
    store.add({
      time,
      line: '',
      fields: { kind: 'process_kprobe', exec: 'long' },
      bytes: new Uint8Array(),
    })
  }
  take('process_exec', 'late', 50)
  const tree = new ProcessTree(index, store)
  const rowsIn = (from: number, to: number) =>
    tree
      .rows('', { from, to }, 0)
      .slice()
      .map(({ facts }) => `${facts.execId} ${tree.eventsOf(facts)}`)
      .sort()
  assert.deepEqual(rowsIn(30, 40), ['long 2'])
  assert.deepEqual(rowsIn(0, 26), ['early 0', 'long 1'])
  assert.deepEqual(rowsIn(40, 60), ['late 0', 'long 1'])
  const all = tree
    .rows('exec:late', undefined, 0)
    .slice()
    .map(({ facts }) => facts.execId)
  assert.deepEqual(all, ['late'])
})
