import type { PolicyCase } from '../policy-case.ts'
import { before, lseek, lseekCase } from './lseek.ts'

const matchNamespaces = { kind: 'matcher', name: 'matchNamespaces' } as const
const matchNamespaceChanges = { kind: 'matcher', name: 'matchNamespaceChanges' } as const

/** include/uapi/linux/sched.h */
const flags = {
  Mnt: '0x00020000',
  Cgroup: '0x02000000',
  Uts: '0x04000000',
  Ipc: '0x08000000',
  User: '0x10000000',
  PidForChildren: '0x20000000',
  Net: '0x40000000',
  TimeForChildren: '0x00000080',
} as const
type Name = keyof typeof flags

const names = Object.keys(flags) as Name[]

function inNew(name: Name): readonly string[] {
  return before('unshare', flags[name])
}

function changes(operator: string, ...values: readonly Name[]): string {
  return `
matchNamespaceChanges:
- operator: ${operator}
  values: [${values.join(', ')}]`
}

export const namespaceCases: readonly PolicyCase[] = [
  ...names.map((name) =>
    lseekCase(
      matchNamespaces,
      `${name}: another one than the host's`,
      `
matchNamespaces:
- namespace: ${name}
  operator: NotIn
  values: [host_ns]`,
      inNew(name),
      inNew(name === 'Uts' ? 'Ipc' : 'Uts'),
    ),
  ),
  lseekCase(
    matchNamespaces,
    'In: the one of the host, two entries',
    `
matchNamespaces:
- namespace: Uts
  operator: In
  values: ["1", host_ns]
- namespace: Ipc
  operator: In
  values: [host_ns]`,
    lseek,
    inNew('Ipc'),
  ),
  lseekCase(matchNamespaceChanges, 'In', changes('In', 'Uts', 'Net'), inNew('Uts'), inNew('Ipc')),
  lseekCase(
    matchNamespaceChanges,
    'NotIn',
    changes('NotIn', 'Uts', 'Net'),
    inNew('Ipc'),
    inNew('Uts'),
  ),
  lseekCase(
    matchNamespaceChanges,
    'a new program begins anew',
    changes('In', 'Uts'),
    inNew('Uts'),
    ['unshare', flags.Uts, '--', 'exec', '{trigger}', ...lseek],
  ),
]
