import assert from 'node:assert/strict'
import type { PolicyCase } from '../policy-case.ts'

const lists = { kind: 'hook', name: 'lists' } as const

const syscalls = (list: string): string => `
      lists:
      - ${list}
      kprobes:
      - call: list:mine
        syscall: true
        args: [{index: 0, type: int}]
        selectors:
        - matchArgs: [{index: 0, operator: Equal, values: ["-77"]}]`

export const listCases: readonly PolicyCase[] = [
  {
    name: 'system calls, each event with its name',
    covers: lists,
    policy: syscalls('{name: mine, type: syscalls, values: [sys_lseek, x64/sys_close]}'),
    needs: { functions: ['__x64_sys_lseek'] },
    hit: ['try', 'lseek', '-77', '0', '0', '--', 'try', 'syscall', '3', '-77'],
    miss: ['try', 'syscall', '74', '-77'],
    count: 2,
    expect(_, all) {
      const names = all.map(({ body }) => body.function_name)
      assert.deepEqual(names, ['__x64_sys_lseek', '__x64_sys_close'])
    },
  },
  {
    name: 'system calls of 32-bit programs are others',
    covers: lists,
    policy: syscalls('{name: mine, type: syscalls, values: [i386/sys_close]}'),
    needs: { functions: ['__ia32_sys_close'] },
    // close has number 6 there.
    hit: ['try', 'syscall32', '6', '-77'],
    miss: ['try', 'syscall', '3', '-77', '--', 'try', 'syscall', '6', '-77'],
    expect: ({ body }) => assert.equal(body.function_name, '__ia32_sys_close'),
  },
  {
    name: 'all system calls',
    covers: lists,
    policy: syscalls('{name: mine, type: generated_syscalls}'),
    hit: ['try', 'lseek', '-77', '0', '0', '--', 'try', 'ftruncate', '1', '0'],
    miss: ['try', 'lseek', '-78', '0', '0'],
    expect: ({ body }) => assert.match(body.function_name ?? '', /_sys_lseek$/),
  },
  {
    name: 'functions that need different back ends',
    covers: lists,
    policy: `
      lists:
      - {name: mine, values: [tcp_connect, inet_csk_listen_start]}
      kprobes:
      - call: list:mine
        syscall: false
        args: [{index: 0, type: sock}]
        selectors:
        - matchArgs: [{index: 0, operator: Protocol, values: [IPPROTO_TCP]}]`,
    hit: ['tcp', '127.0.0.1', '17221', 'x'],
    miss: ['udp', '127.0.0.1', '17222', 'x'],
    count: 2,
    expect(_, all) {
      const names = all.map(({ body }) => body.function_name)
      assert.deepEqual(names, ['inet_csk_listen_start', 'tcp_connect'])
    },
  },
  {
    name: 'functions that ftrace can trace, by a pattern',
    covers: lists,
    policy: `
      lists:
      - {name: mine, type: generated_ftrace, pattern: "^vfs_(mkdir|rmdir|unlink|rename|link)$"}
      kprobes:
      - call: list:mine
        syscall: false
        selectors:
        - matchBinaries: [{operator: In, values: ["{trigger}"]}]`,
    hit: ['mkdir', '{folder}/made', '--', 'rename', '{folder}/made', '{folder}/other'],
    miss: ['chdir', '/'],
    count: 2,
    expect(_, all) {
      const names = all.map(({ body }) => body.function_name)
      assert.deepEqual(names, ['vfs_mkdir', 'vfs_rename'])
    },
  },
  {
    name: 'missing functions are ignored if the policy says so',
    covers: lists,
    policy: `
      lists:
      - {name: mine, values: [no_such_function_here, inet_csk_listen_start]}
      kprobes:
      - call: list:mine
        syscall: false
        ignore: {callNotFound: true}`,
    hit: ['listen', '127.0.0.1', '17223'],
    miss: ['bind', '127.0.0.1', '17224'],
  },
]
