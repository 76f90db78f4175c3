import assert from 'node:assert/strict'
import type { PolicyCase } from '../policy-case.ts'

/** Content written by the workload's `write-bytes`. */
function pattern(size: number): Buffer {
  return Buffer.from(Uint8Array.from({ length: size }, (_, i) => i % 251))
}

const bytesOf = (base64: string | undefined): Buffer => Buffer.from(base64 ?? '', 'base64')

const write = (selector: string, more = '') => `
      kprobes:
      - call: sys_write
        syscall: true
        args:
        - index: 1
          type: char_buf
          sizeArgIndex: 3${more}
        - index: 2
          type: size_t
        selectors:
        # The agent itself writes what it saw: it must not see that.
        - matchBinaries:
          - operator: In
            values: ["{trigger}"]
          matchArgs:
${selector}`

const sizeOver = (size: number): string => `
          - index: 2
            operator: GT
            values: ["${size}"]`

const longest = 327_360

const pipe2 = process.arch === 'arm64' ? '59' : '293'

export const bufferCases: readonly PolicyCase[] = [
  {
    name: 'the descriptors of a pipe',
    covers: { kind: 'argument', name: 'int32_arr' },
    policy: `
      kprobes:
      - call: sys_pipe2
        syscall: true
        args:
        - {index: 0, type: int32_arr, size: 2, returnCopy: true}
        - {index: 1, type: int}
        selectors:
        - matchArgs: [{index: 1, operator: Equal, values: ["0"]}]
          matchBinaries: [{operator: In, values: ["{trigger}"]}]`,
    hit: ['pipe'],
    // O_CLOEXEC, and no memory for them.
    miss: ['try', 'syscall', pipe2, '0', '0x80000'],
    everyKernel: true,
    expect({ args }) {
      const [first, second] = args[0].int32_list_arg?.values ?? []
      assert.ok(first > 2 && second === first + 1, JSON.stringify(args))
    },
  },
  {
    name: 'an array that cannot be read',
    covers: { kind: 'argument', name: 'int32_arr' },
    policy: `
      kprobes:
      - call: sys_pipe2
        syscall: true
        args: [{index: 0, type: int32_arr, size: 1023}]
        selectors:
        - matchBinaries: [{operator: In, values: ["{trigger}"]}]`,
    hit: ['try', 'syscall', pipe2, '16', '0'],
    miss: ['try', 'lseek', '-1', '0', '0'],
    everyKernel: true,
    expect: ({ args }) => assert.ok(args[0].error_arg, JSON.stringify(args)),
  },
  {
    name: 'written data',
    covers: { kind: 'argument', name: 'char_buf' },
    policy: write(`
          - index: 1
            operator: Equal
            values: ["some text"]`),
    hit: ['open', '{folder}/x', '0101', '--', 'write', 'some text'],
    miss: ['open', '{folder}/x', '0101', '--', 'write', 'some texts'],
    expect({ args }) {
      assert.equal(bytesOf(args[0].bytes_arg).toString(), 'some text')
    },
  },
  {
    name: 'more than fits into a record',
    covers: { kind: 'argument', name: 'char_buf' },
    policy: write(sizeOver(9999)),
    hit: ['open', '{folder}/x', '0101', '--', 'write-bytes', '10000'],
    miss: ['open', '{folder}/x', '0101', '--', 'write-bytes', '9999'],
    expect({ args }) {
      const { bytes_arg, orig_size } = args[0].truncated_bytes_arg ?? {}
      assert.deepEqual(bytesOf(bytes_arg), pattern(4095))
      assert.equal(orig_size, '10000')
    },
  },
  {
    name: 'everything with maxData',
    covers: { kind: 'argument', name: 'char_buf' },
    policy: write(sizeOver(9999), '\n          maxData: true'),
    hit: ['open', '{folder}/x', '0101', '--', 'write-bytes', '300000'],
    miss: ['open', '{folder}/x', '0101', '--', 'write-bytes', '9999'],
    expect({ args }) {
      assert.deepEqual(bytesOf(args[0].bytes_arg), pattern(300_000))
    },
  },
  {
    name: 'the start of more than maxData allows',
    covers: { kind: 'argument', name: 'char_buf' },
    policy: write(sizeOver(9999), '\n          maxData: true'),
    hit: ['open', '{folder}/x', '0101', '--', 'write-bytes', '400000'],
    expect({ args }) {
      const { bytes_arg, orig_size } = args[0].truncated_bytes_arg ?? {}
      assert.deepEqual(bytesOf(bytes_arg), pattern(longest))
      assert.equal(orig_size, '400000')
    },
  },
  {
    name: 'little with maxData',
    covers: { kind: 'argument', name: 'char_buf' },
    policy: write(
      `
          - index: 1
            operator: Prefix
            values: ["abc"]`,
      '\n          maxData: true',
    ),
    hit: ['open', '{folder}/x', '0101', '--', 'write', 'abcdef'],
    miss: ['open', '{folder}/x', '0101', '--', 'write', 'abdef'],
    expect({ args }) {
      assert.equal(bytesOf(args[0].bytes_arg).toString(), 'abcdef')
    },
  },
  {
    name: 'unmapped memory',
    covers: { kind: 'argument', name: 'char_buf' },
    policy: write(sizeOver(9999)),
    hit: ['open', '{folder}/x', '0101', '--', 'try', 'write-at', '16', '10000'],
    expect({ args }) {
      assert.deepEqual(args[0].error_arg, { Message: 'Bad address for basic type' })
    },
  },
  {
    name: 'read data, at the return',
    covers: { kind: 'argument', name: 'char_buf' },
    policy: `
      kprobes:
      - call: sys_read
        syscall: true
        return: true
        args:
        - index: 0
          type: fd
        - index: 1
          type: char_buf
          returnCopy: true
        - index: 2
          type: size_t
        returnArg:
          index: 0
          type: int64
        selectors:
        - matchArgs:
          - index: 2
            operator: Equal
            values: ["77"]`,
    hit: [
      'open',
      '{folder}/x',
      '0102',
      '--',
      'write',
      'back',
      '--',
      'open',
      '{folder}/x',
      '--',
      'read',
      '77',
    ],
    miss: ['open', '{folder}/x', '0102', '--', 'read', '78'],
    expect({ args, body }, _, { folder }) {
      assert.equal(args[0].file_arg?.path, `${folder}/x`)
      assert.equal(bytesOf(args[1].bytes_arg).toString(), 'back')
      assert.equal(args[2].size_arg, '77')
      assert.equal(body.return?.long_arg, '4')
    },
  },
  {
    name: 'nine buffers',
    covers: { kind: 'argument', name: 'char_iovec' },
    policy: `
      kprobes:
      - call: sys_writev
        syscall: true
        args:
        - index: 1
          type: char_iovec
          sizeArgIndex: 3
        - index: 2
          type: int
        selectors:
        - matchArgs:
          - index: 2
            operator: Equal
            values: ["9"]`,
    hit: [
      'open',
      '{folder}/x',
      '0101',
      '--',
      'writev',
      ...'one two three four five six seven eight nine'.split(' '),
    ],
    miss: ['open', '{folder}/x', '0101', '--', 'writev', 'one', 'two'],
    expect({ args }) {
      const text = bytesOf(args[0].bytes_arg).toString()
      assert.equal(text, 'onetwothreefourfivesixseveneightnine')
    },
  },
  {
    name: 'more than fits into a record',
    covers: { kind: 'argument', name: 'char_iovec' },
    policy: `
      kprobes:
      - call: sys_writev
        syscall: true
        args:
        - index: 1
          type: char_iovec
          sizeArgIndex: 3
        - index: 2
          type: int
        selectors:
        - matchArgs:
          - index: 2
            operator: Equal
            values: ["3"]`,
    hit: ['open', '{folder}/x', '0101', '--', 'writev', 'a'.repeat(3000), 'b'.repeat(50_000), 'c'],
    miss: ['open', '{folder}/x', '0101', '--', 'write', 'text'],
    expect({ args }) {
      const text = bytesOf(args[0].bytes_arg).toString()
      assert.equal(text, `${'a'.repeat(3000)}${'b'.repeat(50_000)}c`)
    },
  },
  {
    name: 'several buffers and other texts',
    covers: { kind: 'argument', name: 'char_iovec' },
    policy: `
      kprobes:
      - call: sys_writev
        syscall: true
        args:
        - index: 0
          type: fd
        - index: 1
          type: char_iovec
          sizeArgIndex: 3
        - index: 1
          type: char_iovec
          sizeArgIndex: 3
        - index: 1
          type: char_iovec
          sizeArgIndex: 3
        - index: 2
          type: nop
        selectors:
        - matchArgs:
          - index: 0
            operator: Prefix
            values: ["{folder}/"]`,
    hit: ['open', '{folder}/x', '0101', '--', 'writev', 'a'.repeat(2000), 'b'.repeat(3000)],
    miss: ['open', '{folder}/x', '0101', '--', 'write', 'text'],
    expect({ args }, _, { folder }) {
      assert.equal(args[0].file_arg?.path, `${folder}/x`)
      for (const arg of args.slice(1, 4)) {
        const text = bytesOf(arg.bytes_arg).toString()
        assert.equal(text, `${'a'.repeat(2000)}${'b'.repeat(3000)}`)
      }
    },
  },
  {
    name: 'a sent message',
    covers: { kind: 'argument', name: 'iov_iter' },
    policy: `
      kprobes:
      - call: security_socket_sendmsg
        syscall: false
        args:
        - index: 1
          type: iov_iter
          resolve: msg_iter
        - index: 2
          type: int
        selectors:
        - matchArgs:
          - index: 2
            operator: Equal
            values: ["11"]`,
    hit: ['udp', '127.0.0.1', '17002', 'hello there'],
    miss: ['udp', '127.0.0.1', '17002', 'hello you'],
    expect({ args }) {
      assert.equal(bytesOf(args[0].bytes_arg).toString(), 'hello there')
    },
  },
  {
    name: 'written segments',
    covers: { kind: 'argument', name: 'iov_iter' },
    policy: `
      kprobes:
      - call: generic_write_checks
        syscall: false
        args:
        - index: 0
          type: kiocb
        - index: 1
          type: iov_iter
        selectors:
        - matchArgs:
          - index: 0
            operator: Prefix
            values: ["{folder}/"]`,
    hit: ['open', '{folder}/x', '0101', '--', 'writev', 'x'.repeat(2000), 'y'.repeat(5000), 'z'],
    miss: ['open', '/dev/null', '01', '--', 'writev', 'xx', 'y'],
    expect({ args }) {
      const text = bytesOf(args[1].bytes_arg).toString()
      assert.equal(text, `${'x'.repeat(2000)}${'y'.repeat(5000)}z`)
    },
  },
  {
    name: 'an array of numbers in a record',
    covers: { kind: 'argument', name: 'const_buf' },
    policy: `
      tracepoints:
      - subsystem: raw_syscalls
        event: sys_enter
        args:
        - index: 4
        - index: 5
        selectors:
        - matchArgs:
          - index: 4
            operator: Equal
            values: ["123456"]`,
    hit: ['try', 'syscall', '123456', '1', '-2', '3', '4', '5', '6'],
    miss: ['try', 'syscall', '123457', '1'],
    expect({ args }) {
      assert.equal(args[0].long_arg, '123456')
      const numbers = args.slice(1).map(({ size_arg }) => size_arg)
      assert.deepEqual(numbers, ['1', '18446744073709551614', '3', '4', '5', '6'])
    },
  },
]
