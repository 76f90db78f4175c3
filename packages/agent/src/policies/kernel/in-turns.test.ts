import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inTurns } from './in-turns.ts'

function* steps(count: number, taken: string[]): Generator<void, string> {
  try {
    for (let i = 0; i < count; i++) {
      taken.push(`step ${i}`)
      yield
    }
    return 'done'
  } finally {
    taken.push('end')
  }
}

test('other work runs between steps', async () => {
  const taken: string[] = []
  const other = () => {
    if (taken.at(-1) === 'end') return
    taken.push('other')
    setImmediate(other)
  }
  setImmediate(other)
  assert.equal(await inTurns(steps(3, taken), () => undefined), 'done')
  const order = ['step 0', 'other', 'step 1', 'other', 'step 2', 'other', 'end']
  assert.deepEqual(taken, order)
})

test('steps end with the error that stops them', async () => {
  const taken: string[] = []
  const error = new Error('stopping')
  const stopped = () => (taken.length === 2 ? error : undefined)
  await assert.rejects(inTurns(steps(5, taken), stopped), error)
  assert.deepEqual(taken, ['step 0', 'step 1', 'end'])
})
