import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { isFtraceOff } from '@tetragon-ts/sensors'
import { PolicyRun } from '../../testing/index.ts'
import { hookStatuses } from './hook-statuses.ts'

const switchFile = '/proc/sys/kernel/ftrace_enabled'
const policy = `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: switched}
spec:
  kprobes:
  - {call: security_file_mprotect, syscall: false}
`

test('the status of a hook says whether the kernel runs it at the moment', async (t) => {
  const run = await PolicyRun.start()
  try {
    const loaded = await run.load(policy).catch((error: Error) => error)
    // Without hooks at functions there is nothing to switch off.
    if (loaded instanceof Error) return t.skip(loaded.message)
    const [{ hook_description }] = hookStatuses(loaded, true)
    const status = async () => {
      await turn()
      return hookStatuses(loaded, true).map((each) => [each.hook_description, each.state])
    }
    const inForce = [[hook_description, 'STATUS_LOADED']]
    assert.deepEqual(await status(), inForce)
    try {
      try {
        writeFileSync(switchFile, '0')
      } catch (error) {
        return t.skip((error as Error).message)
      }
      assert.ok(isFtraceOff())
      const reason = ': not in force, kernel.ftrace_enabled is 0)'
      const described = hook_description?.replace(')', reason)
      assert.deepEqual(await status(), [[described, 'STATUS_UNSPECIFIED']])
    } finally {
      // The policy is unloaded afterwards: otherwise Linux 6.12 disables ftrace until it restarts.
      writeFileSync(switchFile, '1')
    }
    assert.deepEqual(await status(), inForce)
    await run.unload(loaded)
  } finally {
    await run.stop()
  }
})
