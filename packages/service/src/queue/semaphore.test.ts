import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { Semaphore } from './semaphore.ts'

describe('a semaphore', () => {
  it('lets a number of tasks run, and the others in order', async () => {
    const semaphore = new Semaphore(2)
    const running = { now: 0, most: 0 }
    const started: number[] = []
    const tasks = [0, 1, 2, 3, 4].map((i) =>
      semaphore.run(async () => {
        started.push(i)
        running.most = Math.max(running.most, ++running.now)
        await turn()
        running.now--
        if (i === 1) throw new Error('no')
        return i
      }),
    )
    const results = await Promise.allSettled(tasks)
    assert.deepEqual(
      results.map((each) => (each.status === 'fulfilled' ? each.value : 'failed')),
      [0, 'failed', 2, 3, 4],
    )
    assert.deepEqual([started, running.most], [[0, 1, 2, 3, 4], 2])
  })
})
