import assert from 'node:assert/strict'
import { test } from 'node:test'
import { effect } from '@preact/signals'
import { WorkerLink } from '../page/worker-link.ts'
import { WorkerDouble } from '../testing/worker-double.ts'
import type { Request, Summary } from '../worker/protocol.ts'

Object.assign(globalThis, { location: new URL('http://127.0.0.1/'), addEventListener: () => {} })
const { EventModel } = await import('./event-model.ts')

/** A model, what it asks its worker for, and what the worker reports. */
function start() {
  const worker = new WorkerDouble()
  const link = new WorkerLink(worker)
  const model = new EventModel(link)
  const summarize = (summary: Partial<Summary>): void => {
    worker.report({ kind: 'summary', summary: { ...link.summary.value, ...summary } })
  }
  const lastOf = <K extends Request['kind']>(kind: K) =>
    worker.asked.findLast((request) => request.kind === kind) as
      | Extract<Request, { kind: K }>
      | undefined
  return { model, worker, summarize, lastOf }
}

test('the worker counts for the list that is shown, paused or not', () => {
  const { model, summarize, lastOf } = start()
  assert.equal(lastOf('pause')?.until, undefined)
  summarize({ last: 41 })
  model.pause()
  assert.equal(lastOf('pause')?.until, 41)
  summarize({ last: 99 })
  model.filter.value = '/etc/shadow'
  model.see({ last: 10 })
  // The rows and the counts are about the same events.
  assert.equal(lastOf('events')?.until, 41)
  assert.equal(lastOf('pause')?.until, 41)
  model.togglePause()
  assert.equal(lastOf('pause')?.until, undefined)
  model.see({ last: 10 })
  assert.equal(lastOf('events')?.until, 99)
})

test('a paused list has the event that is chosen elsewhere, also a newer one', () => {
  const { model, summarize, lastOf } = start()
  summarize({ last: 41 })
  model.select(7)
  assert.equal(lastOf('pause')?.until, 41)
  model.select(50)
  assert.equal(lastOf('pause')?.until, 50)
  model.select(undefined)
  assert.equal(lastOf('pause')?.until, 50)
})

test('the event of an address keeps its name while it is looked for and opened', () => {
  const { model, worker } = start()
  model.restore('', 'wanted')
  const keys: string[] = []
  const end = effect(() => {
    keys.push(model.key)
  })
  worker.report({ kind: 'found', id: 3, key: 'wanted' })
  end()
  assert.equal(model.selected.value, 3)
  // An entry of the history without it would drop those to which the user can go forward.
  assert.deepEqual([...new Set(keys)], ['wanted'])
})
