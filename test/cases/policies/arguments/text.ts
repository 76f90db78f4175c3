import assert from 'node:assert/strict'
import type { PolicyCase } from '../policy-case.ts'
import { nativeNumber } from './native-number.ts'

const openat = nativeNumber('openat')

export const textCases: readonly PolicyCase[] = [
  {
    name: 'a path argument of a system call',
    covers: { kind: 'argument', name: 'string' },
    policy: `
      kprobes:
      - call: sys_openat
        syscall: true
        args:
        - index: 1
          type: string
          label: path
        selectors:
        - matchArgs:
          - index: 1
            operator: Equal
            values: ["{folder}/ä\\"b", ""]`,
    // The empty path is read after a longer one, into the same memory.
    hit: ['open', '{folder}/ä"b', '0101', '--', 'try', 'open', ''],
    miss: ['open', '{folder}/other', '0101'],
    count: 2,
    expect({ args }, all, { folder }) {
      assert.equal(args[0].string_arg, `${folder}/ä"b`)
      assert.equal(args[0].label, 'path')
      assert.equal(all[1].args[0].string_arg, '')
    },
  },
  {
    name: 'an address that cannot be read',
    covers: { kind: 'argument', name: 'string' },
    policy: `
      kprobes:
      - call: sys_openat
        syscall: true
        args:
        - index: 0
          type: int
        - index: 1
          type: string
        selectors:
        - matchArgs:
          - index: 0
            operator: Equal
            values: ["-7777"]`,
    hit: ['try', 'syscall', openat, '-7777', '8', '0', '0'],
    miss: ['try', 'syscall', openat, '-7778', '8', '0', '0'],
    expect({ args }) {
      assert.equal(args[0].int_arg, -7777)
      assert.deepEqual(args[1].error_arg, { Message: 'Bad address for basic type' })
    },
  },
  openedBy('the name that the kernel copied', 'do_filp_open'),
  openedBy('the name that the kernel copied, kernel 7', 'do_file_open'),
  {
    name: 'the output device of a packet',
    covers: { kind: 'argument', name: 'net_device' },
    policy: `
      tracepoints:
      - subsystem: net
        event: net_dev_queue
        raw: true
        args:
        - index: 0
          type: net_device
          resolve: dev
        selectors:
        - matchArgs:
          - index: 0
            operator: Equal
            values: ["lo"]`,
    hit: ['udp', '127.0.0.1', '17001', 'text'],
    miss: ['unix', '@no-device', 'text'],
    count: 'some',
    expect({ args }) {
      assert.equal(args[0].string_arg, 'lo')
    },
  },
  {
    name: 'the program in the record of an exec',
    covers: { kind: 'argument', name: 'data_loc' },
    policy: `
      tracepoints:
      - subsystem: sched
        event: sched_process_exec
        args:
        - index: 4
          type: data_loc
        selectors:
        - matchArgs:
          - index: 4
            operator: Postfix
            values: ["/true"]`,
    hit: ['exec', '/bin/true'],
    miss: ['exec', '/bin/ls'],
    expect({ args }) {
      assert.equal(args[0].string_arg, '/bin/true')
    },
  },
  {
    name: 'an array of characters in a record',
    covers: { kind: 'argument', name: 'auto' },
    policy: `
      tracepoints:
      - subsystem: task
        event: task_rename
        args:
        - index: 5
        selectors:
        - matchArgs:
          - index: 5
            operator: Equal
            values: ["a-case"]`,
    hit: ['name', 'a-case', '--', 'name', 'b-case'],
    miss: ['name', 'b-case', '--', 'name', 'c-case'],
    expect({ args }) {
      assert.equal(args[0].string_arg, 'a-case')
    },
  },
]

/** The function that opens a file by name was renamed in Linux 7. */
function openedBy(name: string, call: string): PolicyCase {
  return {
    name,
    covers: { kind: 'argument', name: 'filename' },
    policy: `
      kprobes:
      - call: ${call}
        syscall: false
        args:
        - index: 1
          type: filename
        selectors:
        - matchArgs:
          - index: 1
            operator: Equal
            values: ["{folder}/named"]`,
    needs: { functions: [call] },
    hit: ['open', '{folder}/named', '0101'],
    miss: ['open', '{folder}/other', '0101'],
    expect({ args }, _, { folder }) {
      assert.equal(args[0].string_arg, `${folder}/named`)
    },
  }
}
