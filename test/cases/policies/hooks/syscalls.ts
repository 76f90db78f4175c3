import assert from 'node:assert/strict'
import type { PolicyCase } from '../policy-case.ts'

export const syscallCases: readonly PolicyCase[] = [
  {
    name: 'a system call',
    covers: { kind: 'hook', name: 'kprobes' },
    policy: `
      kprobes:
      - call: sys_sethostname
        syscall: true
        args:
        - index: 1
          type: int`,
    hit: ['try', 'syscall', '170', '0', '3'],
    miss: ['try', 'lseek', '-1', '0', '0'],
    expect({ body, args }) {
      assert.match(body.function_name ?? '', /^__(x64|arm64)_sys_sethostname$/)
      assert.equal(args[0].int_arg, 3)
    },
  },
]
