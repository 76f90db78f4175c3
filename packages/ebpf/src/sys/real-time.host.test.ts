import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { canRunInRealTime, inRealTime } from './real-time.ts'

/** Policy and priority of this process, as chrt(1) shows them. */
const policy = (): string =>
  execFileSync('/usr/bin/chrt', ['-p', `${process.pid}`], { encoding: 'latin1' }).replace(
    /^.*'s /gm,
    '',
  )

test('a call runs with real-time priority, and the policy of the thread is restored', () => {
  const before = policy()
  assert.ok(canRunInRealTime())
  assert.equal(policy(), before)
  let during = ''
  assert.equal(
    inRealTime(() => {
      during = policy()
      return 7
    }),
    7,
  )
  assert.match(during, /policy: SCHED_FIFO\n.*priority: 1\n/)
  assert.equal(policy(), before)
})

test('another normal policy is restored, and a real-time policy stays', () => {
  const set = (...options: string[]) =>
    execFileSync('/usr/bin/chrt', [...options, `${process.pid}`])
  try {
    set('--batch', '-p', '0')
    inRealTime(() => 0)
    assert.match(policy(), /SCHED_BATCH/)
    set('--rr', '-p', '5')
    let during = ''
    inRealTime(() => {
      during = policy()
      return 0
    })
    assert.equal(during, policy())
    assert.match(during, /SCHED_RR\n.*priority: 5\n/)
  } finally {
    set('--other', '-p', '0')
  }
})
