import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { pause } from './pause.ts'

describe('a pause', () => {
  it('takes its time', async () => {
    const started = performance.now()
    await pause(20)
    assert.ok(performance.now() - started > 15)
  })

  it('can be longer than a timer of Node.js', async () => {
    const end = new AbortController()
    let isOver = false
    const paused = pause(Number.POSITIVE_INFINITY, { signal: end.signal }).then(() => {
      isOver = true
    })
    await pause(20)
    assert.equal(isOver, false)
    end.abort()
    await paused
  })

  it('ends with its signal, without an error', async () => {
    const end = new AbortController()
    const paused = pause(60_000, { signal: end.signal })
    end.abort()
    await paused
    await pause(60_000, { signal: end.signal })
  })
})
