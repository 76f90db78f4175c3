import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type EventClass, eventClass } from '@tetragon-ts/outputs/queue'
import fc from 'fast-check'
import { RateLimiter } from './rate-limiter.ts'

const count = (
  limiter: RateLimiter,
  events: number,
  now: number,
  of: EventClass = eventClass.enforcement,
): number => {
  let passed = 0
  for (let i = 0; i < events; i++) if (limiter.allow(now, of)) passed++
  return passed
}

it('the events of a minute may pass in a burst, then at the rate', () => {
  const limiter = new RateLimiter(60, 1000)
  assert.equal(count(limiter, 100, 1000), 60)
  assert.equal(count(limiter, 100, 4000), 3)
  assert.equal(count(limiter, 100, 1e9), 60)
  assert.equal(limiter.dropped, 300 - 123)
})

it('hook events leave half of a burst to processes, and these an eighth to enforcement', () => {
  const limiter = new RateLimiter(80, 0)
  assert.equal(count(limiter, 100, 0, eventClass.hook), 40)
  assert.equal(count(limiter, 100, 0, eventClass.process), 30)
  assert.equal(count(limiter, 100, 0, eventClass.enforcement), 10)
  // Also without a pause: hook events cannot use up what is earned.
  const flooded = new RateLimiter(60, 0)
  for (let second = 1; second <= 60; second++) {
    count(flooded, 1000, second * 1000, eventClass.hook)
    assert.equal(count(flooded, 1, second * 1000, eventClass.process), 1)
  }
})

it('a limit of one event per minute is for all classes', () => {
  assert.equal(count(new RateLimiter(1, 0), 2, 0, eventClass.hook), 1)
})

it('dropped events are reported once a minute', () => {
  const limiter = new RateLimiter(1, 0)
  count(limiter, 5, 0)
  assert.equal(limiter.due(59_999), 0)
  assert.equal(limiter.due(60_000), 4)
  assert.equal(limiter.due(120_000), 0)
  count(limiter, 3, 120_000)
  assert.equal(limiter.takeUnreported(), 2)
  assert.equal(limiter.takeUnreported(), 0)
})

it('never more than the limit and its burst pass', () => {
  const steps = fc.array(fc.tuple(fc.nat(50), fc.nat(90_000)), { maxLength: 20 })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), steps, (perMinute, plan) => {
      const limiter = new RateLimiter(perMinute, 0)
      let now = 0
      let [passed, asked] = [0, 0]
      for (const [events, wait] of plan) {
        now += wait
        asked += events
        passed += count(limiter, events, now)
      }
      assert.ok(passed <= perMinute + (now / 60_000) * perMinute + 1e-6)
      assert.equal(limiter.dropped, asked - passed)
    }),
  )
})
