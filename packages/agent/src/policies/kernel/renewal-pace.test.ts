import assert from 'node:assert/strict'
import { it, mock } from 'node:test'
import { RenewalPace } from './renewal-pace.ts'

it('the pause between renewals doubles, up to five minutes', () => {
  let now = 0
  const clock = mock.method(performance, 'now', () => now)
  mock.timers.enable({ apis: ['setTimeout'] })
  try {
    const pace = new RenewalPace()
    const times: number[] = []
    const advance = (ms: number): void => {
      now += ms
      mock.timers.tick(ms)
    }
    // A file that changes each second.
    while (now < 2_000_000) {
      pace.plan(() => times.push(now))
      advance(0)
      advance(1000)
    }
    const pauses = times.slice(1).map((time, i) => (time - times[i]) / 1000)
    assert.deepEqual(pauses.slice(0, 9), [1, 2, 4, 8, 16, 32, 64, 128, 256])
    assert.ok(pauses.slice(9).every((pause) => pause === 300))
    // Much later than the last one, it is renewed immediately.
    advance(300_000)
    advance(2_000_000)
    times.length = 0
    pace.plan(() => times.push(now))
    advance(0)
    assert.deepEqual(times, [now])
    pace.plan(() => assert.fail('it was cancelled'))
    pace.cancel()
    advance(1_000_000)
  } finally {
    clock.mock.restore()
    mock.timers.reset()
  }
})
