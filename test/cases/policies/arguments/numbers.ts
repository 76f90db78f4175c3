import assert from 'node:assert/strict'
import type { PolicyCase } from '../policy-case.ts'
import { nativeNumber } from './native-number.ts'

type Shown = 'int_arg' | 'uint_arg' | 'long_arg' | 'size_arg'

/** The offset of a seek, truncated to the width of the type. */
function seek(
  type: string,
  shown: Shown,
  offset: string,
  value: number | string,
  other: string,
): PolicyCase {
  return {
    name: `${value} in ${offset}`,
    covers: { kind: 'argument', name: type },
    policy: `
      kprobes:
      - call: sys_lseek
        syscall: true
        args:
        - index: 1
          type: ${type}
        selectors:
        - matchArgs:
          - index: 1
            operator: Equal
            values: ["${value}"]`,
    hit: ['try', 'lseek', '-1', offset, '0'],
    miss: ['try', 'lseek', '-1', other, '0'],
    expect({ args }) {
      assert.equal(args[0][shown], value)
    },
  }
}

const enter = (type: string, test: string): string => `
      tracepoints:
      - subsystem: raw_syscalls
        event: sys_enter
        args:
        - index: 4
          type: ${type}
        selectors:
        - matchArgs:
          - index: 4
            ${test}`

const seeks: readonly PolicyCase[] = [
  seek('int8', 'int_arg', '0x1fe', -2, '0x102'),
  seek('sint8', 'int_arg', '0x7f', 127, '0x80'),
  seek('uint8', 'uint_arg', '0x1fe', 254, '0x1ff'),
  seek('int16', 'int_arg', '0x1fffe', -2, '0x1fffd'),
  seek('sint16', 'int_arg', '0x17fff', 32767, '0x18000'),
  seek('uint16', 'uint_arg', '0x1fffe', 65534, '0xfffd'),
  seek('int', 'int_arg', '0x1fffffffe', -2, '2'),
  seek('int32', 'int_arg', '0x7fffffff', 2147483647, '0x80000000'),
  seek('sint32', 'int_arg', '-5', -5, '5'),
  seek('uint32', 'uint_arg', '0x1fffffffe', 4294967294, '0x1fffffffd'),
  seek('long', 'long_arg', '-6', '-6', '6'),
  seek('sint64', 'long_arg', '0x7fffffffffffffff', '9223372036854775807', '-1'),
  seek('ulong', 'size_arg', '-1', '18446744073709551615', '-2'),
  seek('uint64', 'size_arg', '0x20000000000001', '9007199254740993', '0x20000000000000'),
  seek('size_t', 'size_arg', '7', '7', '8'),
]

export const numberCases: readonly PolicyCase[] = [
  ...seeks,
  {
    name: 'has a position and is not shown',
    covers: { kind: 'argument', name: 'nop' },
    policy: `
      kprobes:
      - call: sys_lseek
        syscall: true
        args:
        - index: 0
          type: nop
          label: fd
        - index: 1
          type: int
          label: whence
        selectors:
        - matchArgs:
          - args: [1]
            operator: Equal
            values: ["31"]`,
    hit: ['try', 'lseek', '-1', '31', '0'],
    miss: ['try', 'lseek', '-1', '32', '0'],
    expect({ args }) {
      assert.deepEqual(args, [{ int_arg: 31, label: 'whence' }])
    },
  },
  {
    name: 'of the machine',
    covers: { kind: 'argument', name: 'syscall64' },
    policy: enter(
      'syscall64',
      `operator: Equal
            values: ["${nativeNumber('sethostname')}"]`,
    ),
    // With an invalid length, so that the machine keeps its name.
    hit: ['try', 'syscall', nativeNumber('sethostname'), '0', '-1'],
    miss: ['try', 'syscall', nativeNumber('lseek'), '-1', '0'],
    expect({ args }) {
      const abi = process.arch === 'arm64' ? 'arm64' : 'x64'
      assert.deepEqual(args[0].syscall_id, { id: Number(nativeNumber('sethostname')), abi })
    },
  },
  ...(process.arch === 'x64' ? [compat()] : []),
  {
    name: 'a command of bpf(2)',
    covers: { kind: 'argument', name: 'bpf_cmd' },
    policy: `
      kprobes:
      - call: sys_bpf
        syscall: true
        args:
        - index: 0
          type: bpf_cmd
        selectors:
        - matchArgs:
          - index: 0
            operator: Equal
            values: ["0"]`,
    hit: ['bpf-map', 'case', '1', '4', '4', '1'],
    miss: ['bpf-program', 'case', '1'],
    expect({ args }) {
      assert.equal(args[0].bpf_cmd_arg, 'BPF_MAP_CREATE')
    },
  },
]

/** lseek of the 32-bit table is number 19. */
function compat(): PolicyCase {
  return {
    name: 'of a 32-bit program',
    covers: { kind: 'argument', name: 'syscall64' },
    policy: enter(
      'syscall64',
      `operator: Equal
            values: ["0x80000013"]`,
    ),
    hit: ['try', 'syscall32', '19', '1000', '0', '0'],
    miss: ['try', 'syscall', '19', '1000', '0', '0'],
    expect({ args }) {
      assert.deepEqual(args[0].syscall_id, { id: 19, abi: 'i386' })
    },
  }
}
