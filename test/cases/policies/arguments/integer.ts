import assert from 'node:assert/strict'
import type { PolicyCase } from '../policy-case.ts'

export const integerCases: readonly PolicyCase[] = [
  {
    name: 'a negative number of 64 bits',
    covers: { kind: 'argument', name: 'int64' },
    policy: `
      kprobes:
      - call: sys_lseek
        syscall: true
        args:
        - index: 1
          type: int64
        selectors:
        - matchArgs:
          - index: 1
            operator: Equal
            values: ["-9007199254740993"]`,
    hit: ['try', 'lseek', '-1', '-9007199254740993', '0'],
    miss: ['try', 'lseek', '-1', '-9007199254740992', '0'],
    expect({ args }) {
      assert.equal(args[0].long_arg, '-9007199254740993')
    },
  },
]
