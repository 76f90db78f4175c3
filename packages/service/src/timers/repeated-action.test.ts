import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { RepeatedAction } from './repeated-action.ts'

it('a failure does not end the process, and is reported when it begins', async () => {
  let runs = 0
  const warnings: string[] = []
  const failing = new Set([2, 3, 4, 6])
  using _sync = new RepeatedAction(
    'read a file',
    1,
    () => {
      runs++
      if (failing.has(runs)) readFileSync('/dev/null/none')
    },
    (message) => warnings.push(message),
  )
  while (runs < 8) await sleep(1)
  const warning = "read a file: ENOTDIR: not a directory, open '/dev/null/none'; it is tried again"
  assert.deepEqual(warnings, [warning, warning])
})

it('the warning may have another form', async () => {
  const warnings: string[] = []
  const fail = (): void => {
    throw new Error('read a: no such file')
  }
  const effect = 'the old one remains in use'
  using _repeated = new RepeatedAction('', 1, fail, (message) => warnings.push(message), effect)
  while (warnings.length < 1) await sleep(1)
  assert.deepEqual(warnings, ['read a: no such file; the old one remains in use'])
})

it('an action may be asynchronous', async () => {
  const warnings: string[] = []
  using _repeated = new RepeatedAction(
    'wait',
    1,
    async () => {
      await sleep(1)
      throw new Error('no answer')
    },
    (message) => warnings.push(message),
  )
  while (warnings.length < 1) await sleep(1)
  await sleep(10)
  assert.deepEqual(warnings, ['wait: no answer; it is tried again'])
})

it('a run that takes long is not joined by the next', async () => {
  let end = () => {}
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  let runs = 0
  using _repeated = new RepeatedAction(
    'wait',
    1,
    () => {
      runs++
      return ended
    },
    assert.fail,
  )
  while (runs === 0) await sleep(1)
  await sleep(20)
  assert.equal(runs, 1)
  end()
  while (runs === 1) await sleep(1)
})
