import assert from 'node:assert/strict'
import type { PolicyCase } from '../policy-case.ts'

const lseek = `
kprobes:
- call: sys_lseek
  syscall: true
  args:
  - index: 2
    type: int
    label: whence
  - index: 0
    type: int
    label: descriptor`

/** A hook with the thread's id and name as data, of which the name is tested. */
const taskData = (hook: string): string => `
${hook}
  data:
  - type: int
    source: current_task
    resolve: pid
  - type: string
    source: current_task
    resolve: comm
  selectors:
  - matchData:
    - index: 1
      operator: Equal
      values: ["chosen"]`

const lseekNumber = process.arch === 'arm64' ? 62 : 8

export const argumentMatchCases: readonly PolicyCase[] = [
  {
    name: 'index is the position among the parameters',
    covers: { kind: 'matcher', name: 'matchArgs' },
    policy: `${lseek}
  selectors:
  - matchArgs:
    - index: 2
      operator: Equal
      values: ["77"]`,
    hit: ['try', 'lseek', '-1', '0', '77'],
    miss: ['try', 'lseek', '77', '0', '1'],
    expect({ args }) {
      assert.deepEqual(args, [
        { int_arg: 77, label: 'whence' },
        { int_arg: -1, label: 'descriptor' },
      ])
    },
  },
  {
    name: 'args are positions in the list and override index',
    covers: { kind: 'matcher', name: 'matchArgs' },
    policy: `${lseek}
  selectors:
  - matchArgs:
    - index: 2
      args: [1]
      operator: Equal
      values: ["-77"]`,
    hit: ['try', 'lseek', '-77', '0', '0'],
    miss: ['try', 'lseek', '-1', '0', '-77'],
  },
  {
    name: 'all of several must match',
    covers: { kind: 'matcher', name: 'matchArgs' },
    policy: `${lseek}
  selectors:
  - matchArgs:
    - index: 2
      operator: Equal
      values: ["77"]
    - index: 0
      operator: NotEqual
      values: ["-2", "-3"]`,
    hit: ['try', 'lseek', '-1', '0', '77'],
    miss: ['try', 'lseek', '-3', '0', '77', '--', 'try', 'lseek', '-1', '0', '78'],
  },
  {
    name: 'a value of the current task',
    covers: { kind: 'matcher', name: 'matchData' },
    policy: `${lseek}
  data:
  - index: 0
    type: int
    source: current_task
    resolve: pid
    label: thread
  - index: 0
    type: string
    source: current_task
    resolve: comm
  selectors:
  - matchData:
    - args: [1]
      operator: Equal
      values: ["chosen"]`,
    hit: ['name', 'chosen', '--', 'try', 'lseek', '-1', '0', '0'],
    miss: ['name', 'another', '--', 'try', 'lseek', '-1', '0', '0'],
    expect({ body }) {
      const pid = body.process?.pid
      assert.deepEqual(body.data, [{ int_arg: pid, label: 'thread' }, { string_arg: 'chosen' }])
    },
  },
  {
    name: 'tracepoints: a value of the current task',
    covers: { kind: 'matcher', name: 'matchData' },
    policy: taskData('tracepoints:\n- subsystem: syscalls\n  event: sys_enter_lseek'),
    hit: ['name', 'chosen', '--', 'try', 'lseek', '-1', '0', '0'],
    miss: ['name', 'another', '--', 'try', 'lseek', '-1', '0', '0'],
    everyKernel: true,
    expect({ key, body }) {
      assert.equal(key, 'process_tracepoint')
      assert.deepEqual(body.data, [{ int_arg: body.process?.pid }, { string_arg: 'chosen' }])
    },
  },
  {
    name: 'raw tracepoints: a value of the current task',
    covers: { kind: 'matcher', name: 'matchData' },
    policy: `${taskData('tracepoints:\n- subsystem: raw_syscalls\n  event: sys_enter\n  raw: true\n  args: [{index: 1, type: int64}]')}
    matchArgs:
    - index: 1
      operator: Equal
      values: ["${lseekNumber}"]`,
    hit: ['name', 'chosen', '--', 'try', 'lseek', '-1', '0', '0'],
    miss: ['name', 'another', '--', 'try', 'lseek', '-1', '0', '0'],
    everyKernel: true,
    expect({ body }) {
      assert.deepEqual(body.data, [{ int_arg: body.process?.pid }, { string_arg: 'chosen' }])
    },
  },
  {
    name: 'lsmhooks: a value of the current task',
    covers: { kind: 'matcher', name: 'matchData' },
    policy: `${taskData('lsmhooks:\n- hook: file_open\n  args: [{index: 0, type: file}]')}
    matchArgs:
    - index: 0
      operator: Postfix
      values: ["/opened"]`,
    hit: ['name', 'chosen', '--', 'open', '{folder}/opened', '0101'],
    miss: ['name', 'another', '--', 'open', '{folder}/opened', '0101'],
    everyKernel: true,
    expect({ key, body }) {
      assert.equal(key, 'process_lsm')
      assert.deepEqual(body.data, [{ int_arg: body.process?.pid }, { string_arg: 'chosen' }])
    },
  },
  {
    name: 'the result of a call',
    covers: { kind: 'matcher', name: 'matchReturnArgs' },
    policy: `${lseek}
  return: true
  returnArg:
    index: 0
    type: int
  selectors:
  - matchReturnArgs:
    - operator: Equal
      values: ["-22"]`,
    // On a file, an invalid whence: EINVAL. On no file: EBADF.
    hit: ['open', '/dev/null', '--', 'try', 'lseek', '3', '0', '77'],
    miss: ['try', 'lseek', '-1', '0', '77'],
    expect({ body, args }) {
      assert.deepEqual(body.return, { int_arg: -22 })
      assert.equal(args[0].int_arg, 77)
    },
  },
  {
    name: 'the result and the arguments',
    covers: { kind: 'matcher', name: 'matchReturnArgs' },
    policy: `${lseek}
  return: true
  returnArg:
    index: 0
    type: int
  selectors:
  - matchArgs:
    - index: 2
      operator: GreaterThan
      values: ["70"]
    matchReturnArgs:
    - operator: LessThan
      values: ["0"]`,
    hit: ['try', 'lseek', '-1', '0', '77'],
    miss: [
      ...['try', 'lseek', '-1', '0', '70', '--'],
      ...['open', '/dev/null', '--', 'lseek', '3', '0', '0'],
    ],
  },
]
