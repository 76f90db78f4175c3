import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const example = (name: string): string =>
  fileURLToPath(new URL(`../examples/${name}.mjs`, import.meta.url))

test('the example that counts system calls', async () => {
  const { stdout } = await run(process.execPath, [example('count-syscalls')])
  assert.match(stdout, /^system call \d+: [1-9]\d*$/m)
})

test('the example that reads execs from a ring', async () => {
  // Other programs of the machine may start by the thousand during the test.
  const reading = run(process.execPath, [example('exec-ring'), '6'], { maxBuffer: 1 << 28 })
  const timer = setInterval(() => run('/bin/true'), 300)
  const { stdout } = await reading.finally(() => clearInterval(timer))
  assert.match(stdout, /^\d+ → \d+: "\/bin\/true"$/m)
})
