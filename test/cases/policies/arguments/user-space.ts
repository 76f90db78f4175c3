import assert from 'node:assert/strict'
import { probe } from '@tetragon-ts/ebpf/features'
import type { PolicyCase } from '../policy-case.ts'

const unreadable = { Message: 'Bad address for basic type' }

/** Whether programs of hooks in user space can wait for memory. */
function faultsIn(): boolean {
  return probe('uprobe_multi').answer === 'yes'
}

/** Parameters of a function with six of 64 bits. */
function six(types: readonly string[], values: string, selected: string): string {
  return `
      uprobes:
      - path: {program}
        symbols: [takes_six]
        args: [${types.map((type, index) => `{index: ${index}, type: ${type}}`)}]
        selectors:
        - matchArgs:
          - {index: 0, operator: Equal, values: ["${values}"]}
          - {index: 2, operator: Equal, values: ["${selected}"]}`
}

/** Members of a structure of the program. */
function members(name: string, type: string, where: string): PolicyCase {
  const args = [
    '{index: 0, type: string, btfType: outer, resolve: inner.name}',
    '{index: 0, type: int, btfType: outer, resolve: inner.number}',
  ]
  return {
    name,
    covers: { kind: 'argument', name: type },
    program: 'probed',
    policy: `
      uprobes:
      - path: {program}
        ${where}
        symbols: [takes_structure]
        args: [${args}]
        selectors:
        - matchArgs: [{args: [1], operator: LT, values: ["0"]}]`,
    hit: ['structure', 'first', '-5'],
    miss: ['structure', 'second', '6'],
    expect({ args }) {
      assert.deepEqual(args, [{ string_arg: 'first' }, { int_arg: -5 }])
    },
  }
}

const goPolicy = `
      uprobes:
      - path: {program}
        symbols: [go_takes_text]
        args: [{index: 0, type: go_string}]
        selectors:
        - matchArgs: [{index: 0, operator: Equal, values: ["wan"]}]`

export const userSpaceCases: readonly PolicyCase[] = [
  {
    name: 'uprobes: a part of a text, by its length',
    covers: { kind: 'argument', name: 'go_string' },
    program: 'probed',
    policy: goPolicy,
    // No zero ends it.
    hit: ['go-text', 'wanted', '3'],
    miss: ['go-text', 'wanted', '4', '--', 'go-text', 'other', '3', '--', 'go-text', 'wan', '0'],
    everyKernel: true,
    expect: ({ args }) => assert.deepEqual(args, [{ string_arg: 'wan' }]),
  },
  {
    name: 'uprobes: a length that no text has',
    covers: { kind: 'argument', name: 'go_string' },
    program: 'probed',
    policy: goPolicy.replace('Equal', 'NotEqual'),
    hit: ['go-text', 'wanted', '-1'],
    miss: ['go-text', 'wan', '3'],
    everyKernel: true,
  },
  {
    name: 'uprobes: signed integers of all sizes',
    covers: { kind: 'argument', name: 'int8' },
    program: 'probed',
    policy: six(['int8', 'int16', 'int', 'int64', 'long', 'sint32'], '-2', '-2'),
    hit: ['six', '0x1fe', '0x1fffe', '0x1fffffffe', '-9007199254740993', '-5', '-6'],
    miss: ['six', '0x1fe', '0x1fffe', '2', '-1', '-1', '-1'],
    expect({ args }) {
      assert.deepEqual(args, [
        ...[{ int_arg: -2 }, { int_arg: -2 }, { int_arg: -2 }],
        ...[{ long_arg: '-9007199254740993' }, { long_arg: '-5' }, { int_arg: -6 }],
      ])
    },
  },
  {
    name: 'uprobes: unsigned integers of all sizes',
    covers: { kind: 'argument', name: 'uint8' },
    program: 'probed',
    policy: six(['uint8', 'uint16', 'uint32', 'uint64', 'size_t', 'ulong'], '254', '4294967294'),
    hit: ['six', '0x1fe', '0x1fffe', '0x1fffffffe', '-1', '5', '6'],
    miss: ['six', '0x1ff', '0x1fffe', '0x1fffffffe', '-1', '5', '6'],
    expect({ args }) {
      assert.deepEqual(args, [
        ...[{ uint_arg: 254 }, { uint_arg: 65_534 }, { uint_arg: 4_294_967_294 }],
        ...[{ size_arg: '18446744073709551615' }, { size_arg: '5' }, { size_arg: '6' }],
      ])
    },
  },
  {
    name: 'uprobes: texts, also those that are not resident',
    covers: { kind: 'argument', name: 'string' },
    program: 'probed',
    policy: `
      uprobes:
      - path: {program}
        symbols: [takes_text]
        args: [{index: 0, type: string}]`,
    hit: [
      ...['text', 'there', '--', 'absent', 'elsewhere', '10'],
      ...['--', 'absent', 'on two pages', '4090', '--', 'address', '1'],
    ],
    miss: ['six'],
    count: 4,
    everyKernel: true,
    expect(_, all) {
      const texts = all.map(({ args: [{ string_arg, error_arg }] }) => string_arg ?? error_arg)
      const absent = faultsIn() ? ['elsewhere', 'on two pages'] : [unreadable, unreadable]
      assert.deepEqual(texts, ['there', ...absent, unreadable])
    },
  },
  {
    name: 'uprobes: buffers, also those that a function fills',
    covers: { kind: 'argument', name: 'char_buf' },
    program: 'probed',
    policy: `
      uprobes:
      - path: {program}
        symbols: [takes_bytes, fills]
        return: true
        returnArg: {index: 0, type: int64}
        args: [{index: 0, type: char_buf, sizeArgIndex: 2, returnCopy: true}]`,
    hit: ['bytes', 'abc', '--', 'fills', '5', '--', 'absent-bytes', 'abcdefgh'],
    miss: ['six'],
    count: 3,
    everyKernel: true,
    expect(_, all) {
      const bytes = all.map(({ args: [{ bytes_arg = '' }] }) =>
        Buffer.from(bytes_arg, 'base64').toString(),
      )
      assert.deepEqual(bytes, ['abc', 'fffff', faultsIn() ? 'abcdefgh' : ''])
    },
  },
  members('uprobes: members of a structure, with types of the program', 'resolve', ''),
  members(
    'uprobes: members of a structure, with types of btfPath',
    'resolve',
    'btfPath: {program}',
  ),
]
