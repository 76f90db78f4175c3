import assert from 'node:assert/strict'
import type { PolicyCase } from '../policy-case.ts'

/** Descriptors of files in the case's folder are followed; writes to them are posted. */
const following = `
- call: fd_install
  syscall: false
  args:
  - index: 0
    type: int
  - index: 1
    type: file
  selectors:
  - matchArgs:
    - index: 1
      operator: Prefix
      values: ["{folder}/"]
    matchActions:
    - action: FollowFD
      argFd: 0
      argName: 1
    - action: NoPost
- call: sys_write
  syscall: true
  args:
  - index: 0
    type: fd
  - index: 1
    type: char_buf
    sizeArgIndex: 3`

const unfollow = `
- call: sys_close
  syscall: true
  args:
  - index: 0
    type: int
  selectors:
  - matchActions:
    - action: UnfollowFD
      argFd: 0
      argName: 0
    - action: NoPost`

const copy = `
- call: sys_dup3
  syscall: true
  args:
  - index: 0
    type: int
  - index: 1
    type: int
  selectors:
  - matchActions:
    - action: CopyFD
      argFd: 0
      argName: 1
    - action: NoPost`

/** A hook whose events are posted. */
const reported = (hook: string): string => hook.replace('- action: NoPost', '')
const post = 'KPROBE_ACTION_POST'

const elsewhere = ['open', '/dev/null', '1', '--', 'write', 'no']

export const followFdCases: readonly PolicyCase[] = [
  {
    name: 'shows operations on a file by its path, and on no other',
    covers: { kind: 'action', name: 'FollowFD' },
    policy: `kprobes:${following}`,
    hit: ['open', '{folder}/a', '0101', '--', 'write', 'text', '--', ...elsewhere],
    miss: elsewhere,
    expect({ args }, _, { folder }) {
      assert.equal(args[0].file_arg?.path, `${folder}/a`)
      assert.equal(args[1].bytes_arg, Buffer.from('text').toString('base64'))
    },
  },
  {
    name: 'keeps the path by which the file was opened',
    covers: { kind: 'action', name: 'FollowFD' },
    policy: `kprobes:${following}`,
    hit: [
      ...['open', '{folder}/before', '0101', '--', 'rename', '{folder}/before', '{folder}/after'],
      ...['--', 'write', 'text'],
    ],
    expect({ args }, _, { folder }) {
      assert.equal(args[0].file_arg?.path, `${folder}/before`)
    },
  },
  {
    name: 'descriptors belong to one process',
    covers: { kind: 'action', name: 'FollowFD' },
    policy: `kprobes:${following}`,
    hit: '{trigger} open {folder}/a 0101 -- write yes; {trigger} open /dev/null 1 -- write no',
  },
  {
    name: 'drops a closed descriptor',
    covers: { kind: 'action', name: 'UnfollowFD' },
    policy: `kprobes:${following}${unfollow}`,
    hit: ['open', '{folder}/a', '0101', '--', 'write', 'text', '--', 'close', '--', ...elsewhere],
    miss: ['open', '{folder}/b', '0101', '--', 'close', '--', 'try', ...elsewhere],
  },
  {
    name: 'follows the copy of a descriptor',
    covers: { kind: 'action', name: 'CopyFD' },
    policy: `kprobes:${following}${copy}`,
    hit: ['open', '{folder}/a', '0101', '--', 'dup3', '20', '--', 'write', 'text'],
    miss: ['open', '/dev/null', '1', '--', 'dup3', '20', '--', 'write', 'text'],
    expect({ args }, _, { folder }) {
      assert.equal(args[0].file_arg?.path, `${folder}/a`)
    },
  },
]

/** What events report; the table of back ends does not list these. */
export const idleCases: readonly PolicyCase[] = [
  {
    name: 'a descriptor that is not followed results in Post',
    covers: { kind: 'action', name: 'UnfollowFD' },
    policy: `kprobes:${following}${reported(unfollow)}`,
    hit: [
      ...['open', '{folder}/a', '0101', '--', 'close', '--'],
      ...['open', '/dev/null', '1', '--', 'close'],
    ],
    count: 'some',
    expect(_, all) {
      // Programs close descriptors while they start, too.
      const actions = all.map(({ body }) => body.action)
      assert.equal(actions.at(-1), 'KPROBE_ACTION_POST', String(actions))
      assert.equal(actions.at(-2), 'KPROBE_ACTION_UNFOLLOWFD', String(actions))
      assert.deepEqual(new Set(actions.slice(0, -2)), new Set(actions.slice(0, -2).map(() => post)))
    },
  },
  {
    name: 'of an fd argument: shows the file and drops the descriptor',
    covers: { kind: 'action', name: 'UnfollowFD' },
    policy: `kprobes:${following}${reported(unfollow).replace('type: int', 'type: fd')}`,
    hit: ['open', '{folder}/a', '0101', '--', 'close', '--', ...elsewhere, '--', 'close'],
    expect({ body, args }, _, { folder }) {
      assert.equal(args[0].file_arg?.path, `${folder}/a`)
      assert.equal((body as { action?: string }).action, 'KPROBE_ACTION_UNFOLLOWFD')
    },
  },
  {
    name: 'of a descriptor that is not followed: results in Post',
    covers: { kind: 'action', name: 'CopyFD' },
    policy: `kprobes:${following}${reported(copy)}`,
    hit: [
      ...['open', '{folder}/a', '0101', '--', 'dup3', '20', '--'],
      ...['open', '/dev/null', '1', '--', 'dup3', '21'],
    ],
    count: 2,
    expect(_, all) {
      const actions = all.map(({ body }) => body.action)
      assert.deepEqual(actions, ['KPROBE_ACTION_COPYFD', post])
    },
  },
]
