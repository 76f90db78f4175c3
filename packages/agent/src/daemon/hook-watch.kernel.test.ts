import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { HookWatch } from './hook-watch.ts'

const switchFile = '/proc/sys/kernel/ftrace_enabled'

test('the agent says when policies are not in force, and when they are again', (t) => {
  const state = { hasPolicies: false }
  const warnings: string[] = []
  try {
    writeFileSync(switchFile, '0')
  } catch (error) {
    return t.skip((error as Error).message)
  }
  const watch = new HookWatch(
    () => state.hasPolicies,
    (message) => warnings.push(message),
  )
  const warned = (): string[] => {
    watch.check()
    watch.check()
    return warnings.splice(0)
  }
  try {
    assert.deepEqual(warned(), [])
    state.hasPolicies = true
    const [off, ...others] = warned()
    assert.match(off, /^kernel\.ftrace_enabled is 0: .* are not in force/)
    assert.deepEqual(others, [])
    writeFileSync(switchFile, '1')
    assert.deepEqual(warned(), ['hooks at functions and LSM hooks are in force again'])
  } finally {
    watch[Symbol.dispose]()
    writeFileSync(switchFile, '1')
  }
})
