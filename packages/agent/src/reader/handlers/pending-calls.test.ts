import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type PendingCall, PendingCalls } from './pending-calls.ts'

const call = (tid: number, timeLow: number, more: Partial<PendingCall> = {}): PendingCall => ({
  pid: 10,
  tid,
  hook: 1,
  timeHigh: 0,
  timeLow,
  bytes: Uint8Array.of(timeLow),
  entered: undefined,
  ...more,
})

function take(calls: PendingCalls, tid: number, timeLow: number, lost: PendingCall[] = []) {
  return calls.take(tid, 1, 0, timeLow, (each) => lost.push(each))
}

test('finds the call that returns among calls inside each other', () => {
  const calls = new PendingCalls()
  for (const time of [1, 2, 3]) calls.add(call(10, time))
  assert.equal(take(calls, 10, 3)?.timeLow, 3)
  assert.equal(take(calls, 10, 2)?.timeLow, 2)
  assert.equal(take(calls, 10, 2), undefined)
  assert.equal(take(calls, 11, 1), undefined)
  assert.equal(take(calls, 10, 1)?.timeLow, 1)
  assert.equal(calls.givenUp, 0)
})

test('finds a call that keeps waiting', () => {
  const calls = new PendingCalls()
  for (const time of [1, 2]) calls.add(call(10, time))
  assert.equal(calls.find(10, 1, 0, 1)?.timeLow, 1)
  assert.equal(calls.find(10, 1, 1, 1), undefined)
  assert.equal(calls.find(11, 1, 0, 1), undefined)
  assert.equal(calls.size, 2)
})

test('takes calls that have waited for a whole round', () => {
  const calls = new PendingCalls()
  const overdue = () => calls.takeOverdue((hook) => hook === 1).map(({ timeLow }) => timeLow)
  calls.add(call(10, 1))
  calls.add(call(10, 2, { hook: 2 }))
  assert.deepEqual(overdue(), [])
  calls.add(call(10, 3))
  assert.deepEqual(overdue(), [1])
  assert.deepEqual(overdue(), [3])
  assert.equal(calls.size, 1)
  assert.deepEqual(
    calls.takeHooks(() => true).map(({ timeLow }) => timeLow),
    [2],
  )
  assert.equal(calls.size, 0)
  assert.deepEqual(calls.takeProcess(10), [])
})

test('gives up inner calls whose return was lost when the outer one returns', () => {
  const calls = new PendingCalls()
  const lost: PendingCall[] = []
  for (const time of [1, 2, 3]) calls.add(call(10, time))
  assert.equal(take(calls, 10, 1, lost)?.timeLow, 1)
  assert.deepEqual(
    lost.map(({ timeLow }) => timeLow),
    [3, 2],
  )
  assert.equal(calls.givenUp, 2)
})

test('keeps a copy of the bytes', () => {
  const calls = new PendingCalls()
  const bytes = Uint8Array.of(7)
  calls.add(call(10, 1, { bytes }))
  bytes[0] = 8
  assert.deepEqual(take(calls, 10, 1)?.bytes, Uint8Array.of(7))
})

test('an exit removes the calls of a process, an exec those of its other threads', () => {
  const calls = new PendingCalls()
  calls.add(call(10, 1))
  calls.add(call(11, 2))
  calls.add(call(20, 3, { pid: 20 }))
  assert.deepEqual(
    calls.takeProcess(10, 10).map(({ tid }) => tid),
    [11],
  )
  assert.deepEqual(
    calls.takeProcess(10).map(({ tid }) => tid),
    [10],
  )
  assert.deepEqual(calls.takeProcess(10), [])
  assert.equal(take(calls, 20, 3)?.pid, 20)
})

test('takes the calls of a hook', () => {
  const calls = new PendingCalls()
  calls.add(call(10, 1))
  calls.add(call(10, 2, { hook: 2 }))
  assert.deepEqual(
    calls.takeHook(2).map(({ timeLow }) => timeLow),
    [2],
  )
  assert.equal(take(calls, 10, 1)?.timeLow, 1)
})

test('gives up the oldest call if too many wait', () => {
  const calls = new PendingCalls()
  for (let i = 0; i < 16384; i++) assert.equal(calls.add(call(1000 + i, 1)), undefined)
  assert.equal(calls.add(call(5, 1))?.tid, 1000)
  assert.equal(calls.givenUp, 1)
  assert.equal(take(calls, 1000, 1), undefined)
  const few = new PendingCalls(2)
  const oldest = [1, 2, 3].map((tid) => few.add(call(tid, 1))?.tid)
  assert.deepEqual(oldest, [undefined, undefined, 1])
})
