import assert from 'node:assert/strict'
import type { PolicyCase } from '../policy-case.ts'

const tracepoint = { kind: 'hook', name: 'tracepoints' } as const

export const tracepointCases: readonly PolicyCase[] = [
  {
    name: 'fields of the record, their types inferred',
    covers: tracepoint,
    policy: `
      tracepoints:
      - subsystem: sched
        event: sched_process_exec
        args: [{index: 3}, {index: 4}, {index: 5}]
        selectors:
        - matchArgs: [{index: 4, operator: Equal, values: ["/usr/bin/true"]}]`,
    hit: ['exec', '/usr/bin/true'],
    miss: ['exec', '/usr/bin/sleep', '0'],
    expect({ args, body }) {
      assert.deepEqual([body.subsys, body.event], ['sched', 'sched_process_exec'])
      assert.equal(args[0].int_arg, body.process?.pid)
      assert.equal(args[1].string_arg, '/usr/bin/true')
      assert.equal(args[2].int_arg, body.process?.pid)
    },
  },
  {
    name: 'a system call with its number and six arguments',
    covers: tracepoint,
    policy: `
      tracepoints:
      - subsystem: raw_syscalls
        event: sys_enter
        args: [{index: 4}, {index: 5}]
        selectors:
        - matchArgs: [{index: 4, operator: Equal, values: ["170"]}]`,
    hit: ['try', 'syscall', '170', '0', '3', '5', '7', '9', '11'],
    miss: ['try', 'lseek', '-1', '0', '0'],
    expect({ args }) {
      const values = args.map((arg) => Number(arg.long_arg ?? arg.size_arg))
      assert.deepEqual(values, [170, 0, 3, 5, 7, 9, 11])
    },
  },
  {
    name: 'a pointer of user space',
    covers: tracepoint,
    policy: `
      tracepoints:
      - subsystem: syscalls
        event: sys_enter_chdir
        args: [{index: 5}]
        selectors:
        - matchArgs: [{index: 5, operator: Postfix, values: ["/here"]}]`,
    hit: ['mkdir', '{folder}/here', '--', 'chdir', '{folder}/here'],
    miss: ['chdir', '/'],
    expect: ({ args }) => assert.match(args[0].string_arg ?? '', /\/here$/),
  },
  {
    name: 'arguments of the raw tracepoint',
    covers: tracepoint,
    policy: `
      tracepoints:
      - subsystem: sched
        event: sched_process_exec
        raw: true
        args:
        - {index: 0, type: int, resolve: tgid}
        - {index: 2, type: linux_binprm}
        selectors:
        - matchArgs: [{index: 1, operator: Equal, values: ["/usr/bin/true"]}]`,
    hit: ['exec', '/usr/bin/true'],
    miss: ['exec', '/usr/bin/sleep', '0'],
    expect: ({ args, body }) => assert.equal(args[0].int_arg, body.process?.pid),
  },
]
