import type { PolicyCase } from '../policy-case.ts'

/** A case on the type of a file that gets a descriptor. */
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

/** A case on an expression over the arguments of sys_lseek: descriptor, offset, whence. */
function expression(name: string, text: string, hit: string, miss: string): PolicyCase {
  return {
    name,
    covers: { kind: 'operator', name: 'CelExpr' },
    policy: `
kprobes:
- call: sys_lseek
  syscall: true
  args:
  - index: 0
    type: int
  - index: 1
    type: int64
  - index: 2
    type: uint32
  selectors:
  - matchArgs:
    - operator: CelExpr
      values: ["${text}"]`,
    hit: ['try', 'lseek', ...hit.split(' ')],
    miss: ['try', 'lseek', ...miss.split(' ')],
  }
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
  expression('of two arguments', 'arg1 + 3 == 8 && !(arg2 > 1)', '-1 5 1', '-1 5 2'),
  expression('the low 32 bits', 'int32(arg1) == arg0', '-1 0xffffffff 0', '-1 0x1ffff 0'),
  expression('of bits', 'and(arg1, 6) == 4 || arg1 < -100', '-1 -101 0', '-1 -2 0'),
]
