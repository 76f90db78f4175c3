import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Backoff, backoffMs } from './backoff.ts'
import { jittered } from './jitter.ts'

const middle = 0.5

describe('pauses between attempts', () => {
  it('double up to the maximum', () => {
    const pauses = [1, 2, 3, 4, 2000].map((failures) => {
      return backoffMs({ min: 100, max: 500 }, failures, middle)
    })
    assert.deepEqual(pauses, [100, 200, 400, 500, 500])
  })

  it('may grow more slowly', () => {
    assert.equal(backoffMs({ min: 100, max: 500, growth: 1.5 }, 3, middle), 225)
  })

  it('have a random part', () => {
    assert.deepEqual([jittered(100, 0.5, 0), jittered(100, 0.5, 1)], [50, 150])
    assert.deepEqual([jittered(100, 0.2, 0), jittered(100, 0.2, 1)], [80, 120])
  })

  it('begin again after a success', async () => {
    const backoff = new Backoff({ min: 1, max: 100_000, growth: 1000 })
    await backoff.pause()
    assert.ok(backoff.next() >= 500)
    backoff.reset()
    assert.ok(backoff.next() < 2)
  })
})
