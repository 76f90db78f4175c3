import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runFlood } from './flood.ts'
import { WorkFiles } from './work-files.ts'

test('a policy that posts every system call costs no process event', async () => {
  using files = new WorkFiles()
  const { started, execs, exits, losses } = await runFlood(files, 3, () => {})
  const lost = ['exec', 'fork', 'exit', 'running'].filter((kind) => losses.has(kind))
  assert.deepEqual(lost, [])
  assert.deepEqual([execs, exits], [started, started])
})
