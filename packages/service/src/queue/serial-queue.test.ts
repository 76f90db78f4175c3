import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { SerialQueue } from './serial-queue.ts'

describe('a serial queue', () => {
  it('runs one task at a time, in order', async () => {
    const queue = new SerialQueue()
    const log: string[] = []
    const task = (name: string, turns: number) => async () => {
      log.push(`+${name}`)
      for (let i = 0; i < turns; i++) await turn()
      log.push(`-${name}`)
      return name
    }
    const results = [queue.run(task('a', 3)), queue.run(task('b', 0)), queue.run(() => 'c')]
    assert.deepEqual(await Promise.all(results), ['a', 'b', 'c'])
    assert.deepEqual(log, ['+a', '-a', '+b', '-b'])
  })

  it('continues after a failure, which only its caller gets', async () => {
    const queue = new SerialQueue()
    const failed = queue.run(() => Promise.reject(new Error('no')))
    assert.equal(await queue.run(() => 1), 1)
    await assert.rejects(failed, /^Error: no$/)
  })

  it('is idle when all tasks have ended, failed ones as well', async () => {
    const queue = new SerialQueue()
    let done = 0
    for (let i = 0; i < 3; i++) {
      void queue.run(async () => {
        await turn()
        done++
        throw new Error('no')
      })
    }
    await queue.idle()
    assert.equal(done, 3)
  })
})
