import type { Bytes } from '@tetragon-ts/ebpf/lang'
import fc from 'fast-check'
import type { PolicyCase } from '../policy-case.ts'
import { type OperatorModel, operand, type Trial, word, words } from './operator-model.ts'

/** A case on the type of an opened file. */
function fileType(operator: string, values: string): string {
  return `
kprobes:
- call: fd_install
  syscall: false
  args:
  - index: 1
    type: file
  selectors:
  - matchArgs:
    - index: 1
      operator: ${operator}
      values: [${values}]
    matchBinaries:
    - operator: In
      values: ["{trigger}"]`
}

export const otherOperatorCases: readonly PolicyCase[] = [
  {
    name: 'a regular file',
    covers: { kind: 'operator', name: 'FileType' },
    policy: fileType('FileType', 'reg, fifo'),
    hit: ['open', '{folder}/new', '0101'],
    miss: ['open', '/dev/null', '0'],
  },
  {
    name: 'a device',
    covers: { kind: 'operator', name: 'FileType' },
    policy: fileType('FileType', 'chr, blk'),
    hit: ['open', '/dev/null', '0'],
    miss: ['open', '{folder}', '0'],
  },
  {
    name: 'neither file nor folder',
    covers: { kind: 'operator', name: 'NotFileType' },
    policy: fileType('NotFileType', 'reg, dir'),
    hit: ['open', '/dev/null', '0'],
    miss: ['open', '{folder}', '0'],
  },
  {
    name: 'more than before',
    covers: { kind: 'operator', name: 'CapabilitiesGained' },
    policy: `
kprobes:
- call: security_capset
  syscall: false
  args:
  - index: 1
    type: kernel_cap_t
    resolve: cap_inheritable
  - index: 3
    type: cap_inheritable
  selectors:
  - matchArgs:
    - args: [0, 1]
      operator: CapabilitiesGained`,
    hit: ['capset', '1', '1', '1', '--', 'capset', '1', '1', '0'],
    miss: ['capset', '1', '1', '0'],
  },
]

const capabilitiesGained: OperatorModel = {
  subject: { name: 'two sets of capabilities', runs: 5 },
  trials: fc.array(fc.tuple(word, word), { minLength: 1, maxLength: 8 }).map((random): Trial => {
    const pairs = [...random, ...random.map(([before]) => [before, before] as const)]
    return {
      test: { operator: 'capabilities-gained' },
      operands: (input: Bytes) => [
        operand({ mask: input.load(8, 0) }),
        operand({ mask: input.load(8, 8) }),
      ],
      inputs: pairs.map((pair) => words(...pair)),
      expected: pairs.map(([before, after]) => BigInt.asUintN(64, after & ~before) !== 0n),
    }
  }),
}

/** S_IFMT of include/uapi/linux/stat.h. */
const typeMask = 0o170000n
const types = [0o140000n, 0o120000n, 0o100000n, 0o060000n, 0o040000n, 0o020000n, 0o010000n]

const fileTypes: OperatorModel = {
  subject: { name: 'the type of a file', runs: 5 },
  trials: fc.subarray(types, { minLength: 1 }).map((values): Trial => {
    const modes = [0n, ...types.flatMap((type) => [type, type | 0o644n, type | 0o7777n])]
    return {
      test: { operator: 'file-type', values },
      operands: (input: Bytes) => [operand({ mode: () => input.load(4, 0) })],
      inputs: modes.map((mode) => words(mode)),
      expected: modes.map((mode) => values.includes(mode & typeMask)),
    }
  }),
}

export const otherModels = { 'capabilities-gained': capabilitiesGained, 'file-type': fileTypes }
