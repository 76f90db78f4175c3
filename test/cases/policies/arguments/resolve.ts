import assert from 'node:assert/strict'
import type { PolicyCase } from '../policy-case.ts'
import { nativeNumber } from './native-number.ts'

const executed = (argument: string): string => `
      tracepoints:
      - subsystem: sched
        event: sched_process_exec
        raw: true
        args:
        - index: 2
          ${argument}`

/** Items of data at a seek to 4242. */
const withData = (data: string, more = ''): string => `
      kprobes:
      - call: sys_lseek
        syscall: true
        args:
        - index: 1
          type: int64
        data:
${data}
        selectors:
        - matchArgs:
          - index: 1
            operator: Equal
            values: ["4242"]${more}`

const seek = ['try', 'lseek', '-1', '4242', '0']

/** Arguments of an exec, and what shows each. */
const twelve = [
  ['{index: 0, type: int, resolve: pid}', 'int_arg'],
  ['{index: 2, type: file, resolve: file}', 'file_arg'],
  ['{index: 2, type: path, resolve: file.f_path}', 'path_arg'],
  ['{index: 2, type: dentry, resolve: file.f_path.dentry}', 'path_arg'],
  ['{index: 2, type: linux_binprm}', 'linux_binprm_arg'],
  ['{index: 0, type: cred, resolve: cred}', 'process_credentials_arg'],
  ['{index: 0, type: user_namespace, resolve: cred.user_ns}', 'user_ns_arg'],
  ['{index: 0, type: cap_effective, resolve: cred.cap_effective}', 'cap_effective_arg'],
  ['{index: 0, type: string, resolve: comm}', 'string_arg'],
  ['{index: 2, type: string, resolve: filename}', 'string_arg'],
  ['{index: 2, type: uint64, resolve: file.f_inode.i_ino}', 'size_arg'],
  ['{index: 2, type: int, resolve: "[0].argc"}', 'int_arg'],
] as const

const matchCel = { kind: 'matcher', name: 'matchCEL' } as const

/** An exec that matches an expression. */
const executedIf = (
  expression: string,
  more = '',
): string => `${executed('type: linux_binprm')}${more}
        selectors:
        - matchCEL: {expr: '${expression}'}`

/** Members of arguments in expressions. */
const memberCases: readonly PolicyCase[] = [
  {
    name: 'members: numbers and texts',
    covers: matchCel,
    policy: executedIf('arg0.file.f_inode.i_mode == 33261 && arg0.filename.endsWith("/true")'),
    hit: ['exec', '/bin/true'],
    miss: ['exec', '/bin/ls'],
    expect({ body, args }) {
      assert.equal(args.length, 1)
      const [mode, name] = body.data ?? []
      assert.deepEqual(mode, { uint_arg: 0o100755, label: 'arg0.file.f_inode.i_mode' })
      assert.deepEqual(name, { string_arg: '/bin/true', label: 'arg0.filename' })
    },
  },
  {
    name: 'members: an element, a bit field, a structure with a number',
    covers: matchCel,
    policy: executedIf(
      'arg0.buf[1] == 69 && arg0.have_execfd == 0 && arg1.cred.uid == 65534',
      `
        - index: 0
          type: nop`,
    ),
    hit: ['setresuid', '65534', '65534', '-1', '--', 'exec', '/bin/true'],
    miss: ['exec', '/bin/true'],
  },
  {
    name: 'members: of a function that opens files',
    covers: matchCel,
    policy: `
      kprobes:
      - call: security_file_open
        syscall: false
        args:
        - index: 0
          type: file
        selectors:
        - matchCEL: {expr: 'arg0.f_inode.i_size == 4242 && arg0.startsWith("{folder}/")'}`,
    hit: 'head -c 4242 /dev/zero > {folder}/file; cat {folder}/file > /dev/null',
    miss: 'head -c 4243 /dev/zero > {folder}/other; cat {folder}/other > /dev/null',
    expect({ body }) {
      assert.deepEqual(body.data, [{ long_arg: '4242', label: 'arg0.f_inode.i_size' }])
    },
  },
  {
    name: 'members: of an item of data',
    covers: matchCel,
    policy: withData(`
        - source: current_task
          resolve: group_leader
          type: uint64`).replace(
      'matchArgs',
      `matchCEL: {expr: 'data0.comm == "trigger" && data0.real_parent.pid > 0'}
          matchArgs`,
    ),
    hit: seek,
    miss: ['name', 'other', '--', ...seek],
  },
  {
    name: 'members: a null pointer on the way, which matches',
    covers: matchCel,
    policy: executedIf('arg0.interpreter.f_inode.i_ino == 5u'),
    hit: ['exec', '/bin/true'],
    count: 'some',
    expect(_, all) {
      const Message = 'Bad address encountered during resolve dereference at depth 1'
      assert.deepEqual(all.at(-1)?.body.data?.[0].error_arg, { Message })
    },
  },
  {
    name: 'members: a misspelt one',
    covers: matchCel,
    policy: executedIf('arg0.argc == 1 || arg0.file.f_inode.i_inoo == 5u'),
    hit: ['exec', '/bin/true'],
    refused: /character 37: struct inode has no member i_inoo; did you mean "i_ino"\?/,
  },
]

export const resolveCases: readonly PolicyCase[] = [
  ...memberCases,
  {
    name: 'members through pointers',
    covers: { kind: 'argument', name: 'resolve' },
    policy: executed(`type: uint16
          resolve: file.f_inode.i_mode`),
    hit: ['exec', '/bin/true'],
    expect(_, all) {
      assert.equal(all.at(-1)?.args[0].uint_arg, 0o100755)
    },
    count: 'some',
  },
  {
    name: 'an element of an array',
    covers: { kind: 'argument', name: 'resolve' },
    policy: executed(`type: uint8
          resolve: buf[1]`),
    hit: ['exec', '/bin/true'],
    count: 'some',
    expect(_, all) {
      assert.equal(all.at(-1)?.args[0].uint_arg, 'E'.charCodeAt(0))
    },
  },
  {
    name: 'a text inside a structure',
    covers: { kind: 'argument', name: 'resolve' },
    policy: executed(`type: string
          resolve: file.f_path.dentry.d_name.name
        selectors:
        - matchArgs:
          - index: 2
            operator: Equal
            values: ["true"]`),
    hit: ['exec', '/bin/true'],
    miss: ['exec', '/bin/ls'],
    expect({ args }) {
      assert.equal(args[0].string_arg, 'true')
    },
  },
  {
    name: 'a structure that contains a number',
    covers: { kind: 'argument', name: 'resolve' },
    policy: executed(`type: uint32
          resolve: cred.uid`).replace('index: 2', 'index: 0'),
    hit: ['setresuid', '65534', '65534', '-1', '--', 'exec', '/bin/true'],
    count: 'some',
    expect(_, all) {
      assert.equal(all.at(-1)?.args[0].uint_arg, 65534)
    },
  },
  {
    name: 'a null pointer on the way',
    covers: { kind: 'argument', name: 'resolve' },
    policy: executed(`type: uint64
          resolve: interpreter.f_inode.i_ino`),
    hit: ['exec', '/bin/true'],
    count: 'some',
    expect(_, all) {
      const Message = 'Bad address encountered during resolve dereference at depth 1'
      assert.deepEqual(all.at(-1)?.args[0].error_arg, { Message })
    },
  },
  {
    name: 'a type from the policy',
    covers: { kind: 'argument', name: 'resolve' },
    policy: `
      kprobes:
      - call: sys_connect
        syscall: true
        args:
        - index: 1
          type: uint16
          btfType: sockaddr
          resolve: sa_family
        selectors:
        - matchArgs:
          - index: 1
            operator: Equal
            values: ["1"]`,
    hit: ['unix', '@resolve-case', 'text'],
    miss: ['tcp', '127.0.0.1', '17201', 'text'],
    expect({ args }) {
      assert.equal(args[0].uint_arg, 1)
    },
  },
  {
    name: 'the current task',
    covers: { kind: 'argument', name: 'data' },
    policy: withData(
      `
        - source: current_task
          resolve: comm
          type: string
          label: comm
        - source: current_task
          resolve: real_parent.pid
          type: int
        - source: current_task
          resolve: mm.exe_file
          type: file`,
      `
          matchData:
          - index: 0
            operator: Equal
            values: ["trigger"]`,
    ),
    hit: seek,
    miss: ['name', 'other', '--', ...seek],
    expect({ body, args }, _, { trigger }) {
      assert.equal(args.length, 1)
      const [comm, parent, file] = body.data ?? []
      assert.deepEqual(comm, { string_arg: 'trigger', label: 'comm' })
      assert.equal(parent.int_arg, process.pid)
      assert.equal(file.file_arg?.path, trigger)
    },
  },
  {
    name: 'twelve arguments',
    covers: { kind: 'argument', name: 'resolve' },
    policy: `
      tracepoints:
      - subsystem: sched
        event: sched_process_exec
        raw: true
        args:
${twelve.map(([argument]) => `        - ${argument}`).join('\n')}
        selectors:
        - matchArgs:
          - args: [1]
            operator: Postfix
            values: ["/true"]`,
    hit: ['exec', '/bin/true'],
    miss: ['exec', '/bin/ls'],
    expect({ args }) {
      assert.deepEqual(
        args.map((arg) => Object.keys(arg)[0]),
        twelve.map(([, shown]) => shown),
      )
    },
  },
  ...(process.arch === 'x64' ? [registers()] : []),
]

/** Registers of user space: the system call's number and its first parameters. */
function registers(): PolicyCase {
  return {
    name: 'registers of a system call',
    covers: { kind: 'argument', name: 'data' },
    policy: withData(
      `
        - source: pt_regs
          resolve: orig_ax
          type: int
        - source: pt_regs
          resolve: rsi
          type: uint64
        - source: pt_regs
          resolve: esi
          type: uint32`,
    ),
    hit: seek,
    expect({ body }) {
      const [number, second, low] = body.data ?? []
      assert.equal(number.int_arg, Number(nativeNumber('lseek')))
      assert.equal(second.size_arg, '4242')
      assert.equal(low.uint_arg, 4242)
    },
  }
}
