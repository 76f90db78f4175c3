import assert from 'node:assert/strict'
import type { PolicyCase } from '../policy-case.ts'

/** Enforcing actions: in mode `monitor` a normal event is posted. */
const enforcementActions = [
  ['Sigkill', ''],
  ['Signal', 'argSig: 10'],
  ['Override', 'argError: -1'],
  ['NotifyEnforcer', 'argSig: 9'],
] as const

export const monitoredCases: readonly PolicyCase[] = enforcementActions.map(([action, fields]) => ({
  name: 'posts in the mode monitor',
  covers: { kind: 'action', name: action },
  policy: `
options:
- name: policy-mode
  value: monitor
${action === 'NotifyEnforcer' ? 'enforcers: [{calls: [sys_sethostname]}]' : ''}
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
