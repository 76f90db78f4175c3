import assert from 'node:assert/strict'
import type { PolicyCase } from '../policy-case.ts'

const lsm = { kind: 'hook', name: 'lsmhooks' } as const

export const lsmCases: readonly PolicyCase[] = [
  {
    name: 'file_open',
    covers: lsm,
    policy: `
      lsmhooks:
      - hook: file_open
        args: [{index: 0, type: file}]
        selectors:
        - matchArgs: [{index: 0, operator: Postfix, values: ["/opened"]}]`,
    hit: ['open', '{folder}/opened', '0101'],
    miss: ['open', '{folder}/other', '0101'],
    expect({ key, body }) {
      assert.equal(key, 'process_lsm')
      assert.equal(body.function_name, 'file_open')
    },
  },
  {
    name: 'bprm_check_security',
    covers: lsm,
    policy: `
      lsmhooks:
      - hook: bprm_check_security
        args: [{index: 0, type: linux_binprm}]
        selectors:
        - matchArgs: [{index: 0, operator: Equal, values: ["/usr/bin/true"]}]`,
    hit: ['exec', '/usr/bin/true'],
    miss: ['exec', '/usr/bin/sleep', '0'],
  },
  {
    name: 'mmap_file, which may have no file',
    covers: lsm,
    policy: `
      lsmhooks:
      - hook: mmap_file
        args: [{index: 0, type: file}, {index: 1, type: uint64}]
        selectors:
        - matchArgs:
          - {index: 0, operator: Equal, values: ["/usr/bin/true"]}`,
    hit: '/usr/bin/true',
    miss: ['mmap', '1', '4096'],
    count: 'some',
  },
  {
    // Typed programs cannot read a `const void *`: another back end is used.
    name: 'inode_setxattr with its value',
    covers: lsm,
    policy: `
      lsmhooks:
      - hook: inode_setxattr
        args: [{index: 3, type: uint64}]`,
    hit: ['open', '/dev/shm/tetragon-setxattr', '0101', '--', 'setxattr', 'trusted.test', 'value'],
    miss: ['open', '/dev/shm/tetragon-setxattr', '0101'],
  },
]
