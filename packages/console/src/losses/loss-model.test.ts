import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WorkerLink } from '../page/worker-link.ts'
import { WorkerDouble } from '../testing/worker-double.ts'
import { gaps } from './known-gaps.ts'
import { LossModel, missingEvents } from './loss-model.ts'

test('events that a page lacks are counted, and others are not', () => {
  const before = { exec: 1n, hook: 5n, rate_limited: 1n, sink_hook: 1n }
  assert.deepEqual(missingEvents(before, { ...before, hook: 8n }), {
    lost: 3,
    hidesProcesses: false,
  })
  assert.deepEqual(missingEvents(before, { ...before, exec: 2n, fork: 4n }), {
    lost: 5,
    hidesProcesses: true,
  })
  const others = { ...before, rate_limited: 90n, sink_hook: 90n, enforcement_failed: 3n }
  assert.equal(missingEvents(before, others).lost, 0)
  assert.deepEqual(missingEvents(before, { new_kind: 2n }), { lost: 2, hidesProcesses: true })
})

test('what an agent loses between two looks is a gap', async () => {
  let losses: Record<string, string> = { hook: '1039227' }
  const worker = new WorkerDouble()
  const settings = Promise.resolve({ allowsChanges: false, hasAgents: false })
  const model = new LossModel(
    async () => [{ node: 'n', response: { losses } }],
    new WorkerLink(worker),
    settings,
  )
  const before = Date.now()
  await model.look()
  // Losses from before the page are not those of its events.
  assert.equal(gaps.value.length, 0)
  losses = { hook: '1039230', exec: '2' }
  await model.look()
  const [gap] = gaps.value
  assert.deepEqual([gap.node, gap.lost, gap.hidesProcesses], ['n', 5, true])
  assert.ok(gap.from >= before && gap.to >= gap.from && gap.to <= Date.now())
  const streamGap = { from: 1, to: 2, node: 'n', lost: 7, hidesProcesses: true }
  worker.report({ kind: 'gaps', gaps: [streamGap] })
  assert.deepEqual(
    gaps.value.map(({ lost }) => lost),
    [7, 5],
  )
})

test('the time until an agent was started again is a gap', async () => {
  let start = Date.now() - 60_000
  const settings = Promise.resolve({ allowsChanges: false, hasAgents: false })
  const model = new LossModel(
    async () => [{ node: 'm', response: { start_time: new Date(start).toISOString() } }],
    new WorkerLink(new WorkerDouble()),
    settings,
  )
  const own = () => gaps.value.filter(({ node }) => node === 'm')
  await model.look()
  await model.look()
  assert.deepEqual(own(), [])
  start = Date.now() + 1000
  await model.look()
  const [{ from, to, isUncounted }] = own()
  assert.ok(from < to && to === start && isUncounted)
})
