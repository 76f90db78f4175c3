import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Pace } from './pace.ts'

const pauseMax = 10_000
const at = (...times: number[]) => times.map((time) => ({ time }))

describe('the pace of a replay', () => {
  it('keeps the time between events, divided by the speed', () => {
    let now = 1000
    const pace = new Pace({ speed: 2, pauseMax }, () => now)
    assert.equal(pace.until(50_000), 0)
    assert.equal(pace.until(50_100), 50)
    now = 1030
    assert.equal(pace.until(50_100), 20)
    assert.equal(pace.due(at(50_000, 50_060, 50_061), 0), 2)
    now = 9000
    assert.equal(pace.until(50_100), 0)
  })

  it('takes an event without time, or before the first one, at once', () => {
    const pace = new Pace({ speed: 1, pauseMax }, () => 0)
    assert.equal(pace.until(Number.NEGATIVE_INFINITY), 0)
    assert.equal(pace.until(500), 0)
    assert.equal(pace.until(400), 0)
    assert.equal(pace.until(501), 1)
  })

  it('has no pauses at any speed', () => {
    const pace = new Pace({ speed: Number.POSITIVE_INFINITY, pauseMax }, () => 0)
    assert.equal(pace.until(0), 0)
    assert.equal(pace.until(1e15), 0)
    assert.equal(pace.due(at(0, 1e6, 1e9), 0), 3)
  })

  it('cuts long pauses, and keeps those after them', () => {
    let now = 0
    const pace = new Pace({ speed: 2, pauseMax }, () => now)
    pace.until(0)
    assert.equal(pace.until(64_000_000), pauseMax)
    now = pauseMax
    assert.equal(pace.until(64_000_000), 0)
    assert.equal(pace.until(64_000_100), 50)
  })

  it('ends a wait when it is aborted', async () => {
    const stop = new AbortController()
    const pace = new Pace({ speed: 1, pauseMax: 1e12 })
    pace.until(0)
    const waited = pace.wait(1e12, stop.signal)
    stop.abort()
    await waited
  })
})
