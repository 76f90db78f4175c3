import assert from 'node:assert/strict'
import type { PolicyCase } from '../policy-case.ts'

function policy(action: string): string {
  return `
kprobes:
- call: sys_lseek
  syscall: true
  return: true
  returnArg:
    index: 0
    type: int64
  args:
  - index: 1
    type: int64
  selectors:
  - matchArgs:
    - index: 1
      operator: Equal
      values: ["3"]
    matchReturnArgs:
    - operator: GT
      values: ["0"]
    matchReturnActions:
    - action: ${action}`
}

/** Actions at the function's return. */
export const returnActionCases: readonly PolicyCase[] = [
  {
    name: 'matchReturnActions: is distinguished from the action at the entry',
    covers: { kind: 'action', name: 'Post' },
    policy: policy('Post'),
    hit: ['open', '{folder}/new', '0101', '--', 'write', 'text', '--', 'lseek', '3', '3', '0'],
    miss: ['try', 'lseek', '-1', '3', '0'],
    expect({ body }) {
      const { action, return_action } = body as Record<string, unknown>
      assert.equal(action, 'KPROBE_ACTION_POST')
      assert.equal(return_action, 'KPROBE_ACTION_POST')
    },
  },
  {
    name: 'matchReturnActions: suppresses the event of the entry',
    covers: { kind: 'action', name: 'NoPost' },
    policy: policy('NoPost'),
    hit: ['open', '{folder}/new', '0101', '--', 'lseek', '3', '3', '0'],
    count: 0,
  },
  {
    name: 'returnArgAction: of an accepted connection',
    covers: { kind: 'action', name: 'TrackSock' },
    policy: `
kprobes:
- call: inet_csk_accept
  syscall: false
  return: true
  returnArg:
    index: 0
    type: sock
  returnArgAction: TrackSock
- call: tcp_close
  syscall: false
  args:
  - index: 0
    type: sock
  selectors:
  - matchArgs:
    - index: 0
      operator: SPort
      values: ["8072"]`,
    hit: ['tcp', '127.0.0.1', '8072', 'text'],
    count: 'some',
  },
]
