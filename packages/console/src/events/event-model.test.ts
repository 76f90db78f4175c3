import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { WorkerLink } from '../page/worker-link.ts'
import type { Report, Request, Summary } from '../worker/protocol.ts'

Object.assign(globalThis, { location: new URL('http://127.0.0.1/'), addEventListener: () => {} })
const [{ EventModel }, { WorkerLink: Link }] = await Promise.all([
  import('./event-model.ts'),
  import('../page/worker-link.ts'),
])

/** A model, what it asks its worker for, and what the worker reports. */
function start() {
  const asked: Request[] = []
  let receive: (message: { data: Report }) => void = () => {}
  const worker = {
    postMessage: (request: Request) => asked.push(request),
    addEventListener: (_: string, handle: typeof receive) => {
      receive = handle
    },
  }
  // All that the link uses of a worker.
  const link: WorkerLink = new Link(worker as unknown as Worker)
  const model = new EventModel(link)
  const summarize = (summary: Partial<Summary>): void => {
    receive({ data: { kind: 'summary', summary: { ...link.summary.value, ...summary } } })
  }
  const lastOf = <K extends Request['kind']>(kind: K) =>
    asked.findLast((request) => request.kind === kind) as Extract<Request, { kind: K }> | undefined
  return { model, summarize, lastOf }
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
