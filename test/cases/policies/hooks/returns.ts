import assert from 'node:assert/strict'
import type { PolicyCase } from '../policy-case.ts'

const kprobe = { kind: 'hook', name: 'kprobes' } as const

export const returnCases: readonly PolicyCase[] = [
  {
    name: 'a return value that must match',
    covers: kprobe,
    policy: `
      kprobes:
      - call: sys_openat
        syscall: true
        return: true
        returnArg: {index: 0, type: int}
        args: [{index: 1, type: string}]
        selectors:
        - matchArgs: [{index: 1, operator: Postfix, values: ["/perhaps"]}]
          matchReturnArgs: [{index: 0, operator: LessThan, values: ["0"]}]`,
    hit: ['try', 'open', '{folder}/perhaps', '0'],
    miss: ['open', '{folder}/perhaps', '0101'],
    expect: ({ body }) => assert.equal(body.return?.int_arg, -2),
  },
  {
    name: 'memory that is read when the call returns',
    covers: kprobe,
    policy: `
      kprobes:
      - call: sys_read
        syscall: true
        return: true
        returnArg: {index: 0, type: int}
        args: [{index: 0, type: int}, {index: 1, type: char_buf, returnCopy: true}, {index: 2, type: size_t}]
        selectors:
        - matchArgs: [{index: 2, operator: Equal, values: ["3333"]}]`,
    hit: ['open', '/proc/self/comm', '0', '--', 'read', '3333'],
    miss: ['open', '/proc/self/comm', '0', '--', 'read', '3334'],
    expect({ args, body }) {
      assert.equal(Buffer.from(args[1].bytes_arg ?? '', 'base64').toString(), 'trigger\n')
      assert.equal(body.return?.int_arg, 8)
    },
  },
  {
    name: 'execve returns in the new program, or fails',
    covers: kprobe,
    policy: `
      kprobes:
      - call: sys_execve
        syscall: true
        return: true
        returnArg: {index: 0, type: int}
        args: [{index: 0, type: string}]
        selectors:
        - matchArgs: [{index: 0, operator: Prefix, values: ["/usr/bin/true", "/no/such"]}]`,
    hit: ['try', 'syscall', '59', '@/no/such/program', '0', '0', '--', 'exec', '/usr/bin/true'],
    miss: ['exec', '/usr/bin/sleep', '0'],
    count: 2,
    expect(_, all) {
      assert.deepEqual(
        all.map(({ args, body }) => [args[0].string_arg, body.return?.int_arg]),
        [
          ['/no/such/program', -2],
          ['/usr/bin/true', 0],
        ],
      )
    },
  },
  {
    name: 'a call that never returns is posted when it is entered',
    covers: kprobe,
    policy: `
      kprobes:
      - call: sys_exit_group
        syscall: true
        return: true
        returnArg: {index: 0, type: int}
        args: [{index: 0, type: int}]`,
    hit: 'true',
    expect({ args, body }) {
      assert.equal(args[0].int_arg, 0)
      assert.equal(body.return, undefined)
    },
  },
  {
    name: 'nested calls have their own results',
    covers: kprobe,
    policy: `
      kprobes:
      - call: __ip_queue_xmit
        syscall: false
        return: true
        returnArg: {index: 0, type: int}
        args: [{index: 0, type: sock}]`,
    needs: { probes: ['fentry', 'current_task_btf'], functions: ['__ip_queue_xmit'] },
    // On loopback the reply arrives, and is answered, before the first packet has been sent
    // completely.
    hit: ['tcp', '127.0.0.1', '17231', 'x'],
    count: 'some',
    expect(_, all) {
      assert.ok(all.length >= 3)
      for (const { body } of all) assert.equal(body.return?.int_arg, 0)
    },
  },
]
