import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { onDisk } from './on-disk.ts'

describe('operations of the disk', () => {
  it('leave threads of Node.js for others, and run in order', async () => {
    const started: number[] = []
    const ends: (() => void)[] = []
    const all = Array.from({ length: 5 }, (_, number) =>
      onDisk(async () => {
        started.push(number)
        await new Promise<void>((resolve) => ends.push(resolve))
        if (number === 0) throw new Error('EIO')
        return number
      }),
    )
    const results = Promise.allSettled(all)
    await new Promise(setImmediate)
    assert.deepEqual(started, [0, 1])
    ends[0]()
    await new Promise(setImmediate)
    assert.deepEqual(started, [0, 1, 2])
    for (let i = 1; i < 5; i++) {
      ends[i]()
      await new Promise(setImmediate)
    }
    const [failed, ...others] = await results
    assert.equal(failed.status, 'rejected')
    assert.deepEqual(
      others.map((each) => each.status === 'fulfilled' && each.value),
      [1, 2, 3, 4],
    )
    assert.equal(await onDisk(async () => 'again'), 'again')
  })
})
