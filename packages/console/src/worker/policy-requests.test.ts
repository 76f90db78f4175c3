import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codecOf, GetEventsResponse } from '@tetragon-ts/api'
import { EventStore } from '../store/event-store.ts'
import { describeEvent } from './describe-event.ts'
import { policyRequests } from './policy-requests.ts'
import type { Report } from './protocol.ts'

const codec = codecOf(GetEventsResponse)
const text = `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: tried}
spec: {kprobes: [{call: f, syscall: false}]}
`

test('a dry run ends while events arrive, and tries each event once', async () => {
  const store = new EventStore(1e9, 1e9)
  const add = (): void => {
    const process_kprobe = { process: { pid: 1 }, function_name: 'f' }
    const { event: _, ...described } = describeEvent(codec.encode({ process_kprobe }), 0)
    store.add(described)
  }
  for (let i = 0; i < 20; i++) add()
  const { size } = store
  // Events that arrive whenever the run looks at the next one.
  const get = store.get.bind(store)
  let arrived = 0
  store.get = (id) => {
    assert.ok(arrived++ < 1000, 'it never ends')
    add()
    return get(id)
  }
  const reports: Report[] = []
  await policyRequests(store, (report) => reports.push(report)).try(text, undefined)
  const last = reports.at(-1)
  assert.ok(last?.kind === 'trial')
  const { result, remaining } = last
  assert.deepEqual([result.events, result.matched, remaining], [size, size, 0])
  assert.equal(result.policies[0].selectors[0].events, size)
  assert.ok(store.size > size)
})
