import assert from 'node:assert/strict'
import type { PolicyCase } from '../policy-case.ts'

/** Actions that this version reads and does not carry out: the event is a plain one. */
const laterActions = [
  ['Sigkill', ''],
  ['Signal', 'argSig: 10'],
  ['Override', 'argError: -1'],
  ['NotifyEnforcer', 'argSig: 9'],
  ['CleanupEnforcerNotification', ''],
] as const

export const laterActionCases: readonly PolicyCase[] = laterActions.map(([action, fields]) => ({
  name: 'posts, and does nothing more yet',
  covers: { kind: 'action', name: action },
  policy: `
enforcers:
- calls: [sys_sethostname]
kprobes:
- call: sys_lseek
  syscall: true
  args:
  - index: 0
    type: int
  selectors:
  - matchArgs:
    - index: 0
      operator: Equal
      values: ["-9"]
    matchActions:
    - action: ${action}
      ${fields}`,
  hit: ['try', 'lseek', '-9', '1', '0'],
  miss: ['try', 'lseek', '-8', '1', '0'],
  expect({ body }) {
    assert.equal((body as { action?: string }).action, 'KPROBE_ACTION_POST')
  },
}))
