import type { PolicyCase } from '../policy-case.ts'

export const noPostCases: readonly PolicyCase[] = [
  {
    name: 'suppresses events of its selector',
    covers: { kind: 'action', name: 'NoPost' },
    policy: `
      kprobes:
      - call: sys_lseek
        syscall: true
        args:
        - index: 0
          type: int
        selectors:
        - matchArgs:
          - index: 0
            operator: Equal
            values: ["-7"]
          matchActions:
          - action: NoPost
        - matchArgs:
          - index: 0
            operator: LessThan
            values: ["-1"]`,
    hit: ['try', 'lseek', '-8', '1', '0'],
    miss: ['try', 'lseek', '-7', '1', '0'],
  },
]
