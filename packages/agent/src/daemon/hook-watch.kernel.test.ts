import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { HookWatch } from './hook-watch.ts'

const switchFile = '/proc/sys/kernel/ftrace_enabled'

test('the agent says when policies are not in force, and when they are again', async (t) => {
  const state = { hasPolicies: false }
  const warnings: string[] = []
  const warned = async (count: number): Promise<string> => {
    while (warnings.length < count) await sleep(1)
    return warnings[count - 1]
  }
  try {
    writeFileSync(switchFile, '0')
  } catch (error) {
    return t.skip((error as Error).message)
  }
  const watch = new HookWatch(
    () => state.hasPolicies,
    (message) => warnings.push(message),
    1,
  )
  try {
    await sleep(20)
    assert.deepEqual(warnings, [])
    state.hasPolicies = true
    assert.match(await warned(1), /^kernel\.ftrace_enabled is 0: .* are not in force/)
    writeFileSync(switchFile, '1')
    assert.match(await warned(2), /in force again$/)
  } finally {
    watch[Symbol.dispose]()
    writeFileSync(switchFile, '1')
  }
})
