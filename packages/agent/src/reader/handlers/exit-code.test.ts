import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeExitCode, signalName } from './exit-code.ts'

test('exit codes are split', () => {
  assert.deepEqual(decodeExitCode(0), { signal: '', status: 0 })
  assert.deepEqual(decodeExitCode(130 << 8), { signal: '', status: 130 })
  assert.deepEqual(decodeExitCode(9), { signal: 'SIGKILL', status: 0 })
  assert.deepEqual(decodeExitCode(0x80 | 11), { signal: 'SIGSEGV', status: 0 })
  const names = [1, 16, 17, 29, 31, 32, 34, 40, 64].map(signalName)
  const expected = ['SIGHUP', 'SIGSTKFLT', 'SIGCHLD', 'SIGIO', 'SIGSYS', 'SIG32', 'SIGRTMIN']
  assert.deepEqual(names, [...expected, 'SIGRTMIN+6', 'SIGRTMIN+30'])
  assert.deepEqual([0, -1, 65].map(signalName), ['', '', ''])
})
