import type { PolicyCase } from '../policy-case.ts'

const covers = { kind: 'selector', name: 'macros' } as const

const macros = `
selectorsMacros:
  ours:
    matchArgs:
    - index: 0
      operator: LessThan
      values: ["-100"]
  quiet:
    matchActions:
    - action: NoPost
kprobes:
- call: sys_lseek
  syscall: true
  args:
  - index: 0
    type: int
  - index: 1
    type: int64
  selectors:`

export const macroCases: readonly PolicyCase[] = [
  {
    name: 'a part of a selector by its name',
    covers,
    policy: `${macros}
  - macros: [ours]
    matchPIDs:
    - operator: NotIn
      values: [1]`,
    hit: ['try', 'lseek', '-101', '0', '0'],
    miss: ['try', 'lseek', '-100', '0', '0'],
  },
  {
    name: 'several in one selector, and one in several',
    covers,
    policy: `${macros}
  - macros: [quiet]
    matchArgs:
    - index: 1
      operator: Equal
      values: ["7"]
  - macros: [ours]`,
    hit: ['try', 'lseek', '-101', '6', '0'],
    miss: ['try', 'lseek', '-101', '7', '0', '--', 'try', 'lseek', '-99', '6', '0'],
  },
]
