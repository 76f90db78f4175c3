import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Steps } from '@tetragon-ts/ebpf/steps'
import { waitFor } from '@tetragon-ts/ebpf/steps'
import { inTurns } from './in-turns.ts'

function* parts(count: number, taken: string[]): Steps<string> {
  try {
    for (let i = 0; i < count; i++) {
      taken.push(`part ${i}`)
      yield 'part'
    }
    return 'done'
  } finally {
    taken.push('end')
  }
}

test('other work runs between parts', async () => {
  const taken: string[] = []
  const other = () => {
    if (taken.at(-1) === 'end') return
    taken.push('other')
    setImmediate(other)
  }
  setImmediate(other)
  let done = 0
  const watcher = { onPart: () => done++ }
  assert.equal(await inTurns(parts(3, taken), watcher), 'done')
  const order = ['part 0', 'other', 'part 1', 'other', 'part 2', 'other', 'end']
  assert.deepEqual([taken, done], [order, 3])
})

test('other work runs between steps that take long together', async () => {
  let turns = 0
  const count = setInterval(() => turns++)
  function* busy(): Steps<number> {
    const end = performance.now() + 200
    while (performance.now() < end) yield
    return turns
  }
  const seen = await inTurns(busy())
  clearInterval(count)
  assert.ok(seen > 1, `${seen}`)
})

test('steps end with the error that stops them', async () => {
  const taken: string[] = []
  const error = new Error('stopping')
  const stopped = () => (taken.length === 2 ? error : undefined)
  await assert.rejects(inTurns(parts(5, taken), { stopped }), error)
  assert.deepEqual(taken, ['part 0', 'part 1', 'end'])
})

test('steps get the result that they wait for, also if they are stopped during the wait', async () => {
  const error = new Error('stopping')
  const got: unknown[] = []
  let isStopped = false
  function* waiting(): Steps<void> {
    try {
      yield* waitFor(Promise.reject(new Error('refused')))
    } catch (refused) {
      got.push((refused as Error).message)
    }
    const slow = new Promise((resolve) => {
      setTimeout(() => {
        isStopped = true
        resolve('program')
      })
    })
    got.push(yield* waitFor(slow))
    yield
    got.push('not reached')
  }
  const stopped = () => (isStopped ? error : undefined)
  await assert.rejects(inTurns(waiting(), { stopped }), error)
  assert.deepEqual(got, ['refused', 'program'])
})
