import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { until } from './testing/until.ts'
import { WorkQueue } from './work-queue.ts'

const fast = { min: 1, max: 4 }

describe('the queue of work', () => {
  it('never runs a key concurrently, and repeats a key that was added while it ran', async () => {
    const end = new AbortController()
    const log: string[] = []
    const releases: (() => void)[] = []
    const run = (key: string): Promise<void> => {
      log.push(key)
      return new Promise((resolve) => releases.push(resolve))
    }
    const queue = new WorkQueue({ run, failed: () => {} }, end.signal)
    for (const key of ['a', 'a', 'b', 'a']) queue.add(key)
    assert.deepEqual(log, ['a', 'b'])
    assert.equal(queue.size, 3)
    releases[0]()
    await until(() => log.length === 3)
    assert.deepEqual(log, ['a', 'b', 'a'])
    for (const release of releases) release()
    await until(() => queue.size === 0)
  })

  it('has a limited number of keys at work', async () => {
    const end = new AbortController()
    const atWork = { now: 0, most: 0 }
    const run = async (): Promise<void> => {
      atWork.most = Math.max(atWork.most, ++atWork.now)
      await new Promise(setImmediate)
      atWork.now--
    }
    const queue = new WorkQueue({ run, failed: () => {} }, end.signal)
    for (let i = 0; i < 100; i++) queue.add(`${i}`)
    await until(() => queue.size === 0)
    assert.equal(atWork.most, 4)
  })

  it('tries failed keys again, and counts their failures', async () => {
    const end = new AbortController()
    const failures: [string, number][] = []
    let left = 3
    const run = async (): Promise<void> => {
      if (left-- > 0) throw new Error('no')
    }
    const failed = (key: string, _: Error, attempt: number) => failures.push([key, attempt])
    const queue = new WorkQueue({ run, failed }, end.signal, fast)
    queue.add('a')
    await until(() => queue.size === 0)
    assert.deepEqual(failures, [
      ['a', 1],
      ['a', 2],
      ['a', 3],
    ])
  })

  it('waits before the next attempt of a failed key, also if it is added again', async () => {
    const end = new AbortController()
    const attempts: string[] = []
    const run = async (key: string): Promise<void> => {
      attempts.push(key)
      await new Promise(setImmediate)
      queue.add(key)
      if (key === 'bad') throw new Error('no')
    }
    const wait = { min: 60_000, max: 60_000 }
    const queue = new WorkQueue({ run, failed: () => {} }, end.signal, wait)
    queue.add('bad')
    await queue.close()
    for (let i = 0; i < 10; i++) queue.add('bad')
    await queue.close()
    assert.deepEqual(attempts, ['bad'])
    assert.equal(queue.size, 1)
  })

  it('pauses when everything fails', async () => {
    const end = new AbortController()
    let attempts = 0
    const run = async (): Promise<void> => {
      attempts++
      throw new Error('the server is gone')
    }
    const queue = new WorkQueue({ run, failed: () => {} }, end.signal, { min: 60_000, max: 60_000 })
    for (let i = 0; i < 1000; i++) queue.add(`${i}`)
    await queue.close()
    // The limit, and what was at work then.
    assert.ok(attempts >= 9 && attempts <= 12, `${attempts}`)
    assert.equal(queue.size, 1000)
  })

  it('starts nothing after the end, and waits for what has begun', async () => {
    const end = new AbortController()
    const log: string[] = []
    const run = async (key: string, signal: AbortSignal): Promise<void> => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      log.push(key)
    }
    const queue = new WorkQueue({ run, failed: () => log.push('failed') }, end.signal)
    for (let i = 0; i < 10; i++) queue.add(`${i}`)
    end.abort()
    await queue.close()
    assert.deepEqual(log, ['0', '1', '2', '3'])
  })
})
