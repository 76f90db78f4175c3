import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { KeyedQueues } from './keyed-queues.ts'

describe('queues by key', () => {
  it('run tasks of one key in order, those of others concurrently', async () => {
    const queues = new KeyedQueues()
    const log: string[] = []
    const add = (key: string, name: string) =>
      queues.run(key, async () => {
        log.push(`+${name}`)
        await turn()
        log.push(`-${name}`)
      })
    add('a', 'a1')
    add('a', 'a2')
    add('b', 'b1')
    await queues.idle()
    assert.deepEqual(log, ['+a1', '+b1', '-a1', '+a2', '-b1', '-a2'])
  })

  it('continue after a failure', async () => {
    const queues = new KeyedQueues()
    const failed = queues.run('a', () => Promise.reject(new Error('no')))
    assert.equal(await queues.run('a', () => 1), 1)
    await assert.rejects(failed, /^Error: no$/)
  })
})
