import assert from 'node:assert/strict'
import type { PolicyCase } from '../policy-case.ts'

/** A child closes a socket whose connection its parent made. */
const trackPolicy = (actions: string): string => `
kprobes:
- call: tcp_connect
  syscall: false
  args:
  - index: 0
    type: sock
  selectors:
  - matchArgs:
    - index: 0
      operator: DPort
      values: ["8071"]
    matchActions:
${actions}
- call: tcp_sendmsg
  syscall: false
  args:
  - index: 0
    type: sock
  selectors:
  - matchArgs:
    - index: 0
      operator: DPort
      values: ["8071"]`

/** Connects, and lets a child send through the connection. */
const shareConnection = [
  'listen',
  '127.0.0.1',
  '8071',
  '--',
  'connect',
  '127.0.0.1',
  '8071',
  '--',
  'fork',
  'write',
  'text',
]

function senders(
  all: readonly {
    readonly body: {
      readonly process?: { readonly pid?: number } | undefined
      readonly function_name?: string
    }
  }[],
) {
  return all.map(({ body }) => body.process?.pid)
}

export const socketActionCases: readonly PolicyCase[] = [
  {
    name: "what a child sends is the owner's",
    covers: { kind: 'action', name: 'TrackSock' },
    policy: trackPolicy('    - action: TrackSock\n      argSock: 0'),
    hit: shareConnection,
    count: 2,
    expect(_, all) {
      const [owner, sender] = senders(all as never)
      assert.equal(sender, owner)
      assert.equal((all[0].body as { action?: string }).action, 'KPROBE_ACTION_TRACKSOCK')
    },
  },
  {
    name: 'events of a child belong to the child again',
    covers: { kind: 'action', name: 'UntrackSock' },
    policy: trackPolicy(
      '    - action: TrackSock\n      argSock: 0\n    - action: UntrackSock\n      argSock: 0',
    ),
    hit: shareConnection,
    count: 2,
    expect(_, all) {
      const [owner, sender] = senders(all as never)
      assert.notEqual(sender, owner)
    },
  },
]
