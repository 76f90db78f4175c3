import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fillText, fullestQueue, isCrowded, queueText, workOf } from './agent-work.ts'

const ring = { name: 'ring', unit: 'bytes', used: 10, size: 1000, peak: 501 }
const clients = { name: 'clients', unit: 'events', used: 6, size: 10, peak: 0 }

test('an agent reports since when it works, and its queues', () => {
  const work = workOf({
    start_time: '2026-01-01T00:00:00Z',
    records: '7',
    queues: [
      { ...ring, used: '10' },
      { name: 'empty', size: '5' },
    ],
  })
  assert.deepEqual(work?.queues[0], ring)
  assert.deepEqual([work?.startedAt, work?.records], [Date.UTC(2026), 7])
  assert.equal(work?.queues[1].used, 0)
  assert.equal(workOf({ losses: {} }), undefined)
  assert.equal(workOf(undefined), undefined)
})

test('the fullest queue is that which has the least room for its size', () => {
  assert.equal(fullestQueue([ring, clients]), clients)
  assert.equal(fullestQueue([]), undefined)
  assert.deepEqual(
    [fillText(ring), fillText(ring, ring.peak), fillText(clients)],
    ['1 %', '51 %', '60 %'],
  )
  assert.equal(fillText({ ...ring, size: 0 }), '0 %')
  assert.deepEqual([isCrowded(ring), isCrowded(clients)], [false, true])
  assert.equal(queueText(ring), 'ring buffer of the kernel')
  assert.equal(queueText({ ...ring, name: '__proto__' }), '__proto__')
})
