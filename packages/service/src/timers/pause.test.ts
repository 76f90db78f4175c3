import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { pause, pauseUntil } from './pause.ts'

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

describe('a pause until work is done', () => {
  it('ends with the work', async () => {
    await pauseUntil(Promise.resolve(), 60_000)
  })

  it('ends after its time, without work or before its end', async () => {
    const started = performance.now()
    await pauseUntil(undefined, 20)
    await pauseUntil(new Promise(() => {}), 20)
    assert.ok(performance.now() - started > 30)
  })
})
