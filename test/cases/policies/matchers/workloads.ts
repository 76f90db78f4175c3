import type { PolicyCase } from '../policy-case.ts'
import { lseek, lseekCase } from './lseek.ts'

const matchWorkloads = { kind: 'matcher', name: 'matchWorkloads' } as const

/** Processes of the host belong to no pod. */
export const workloadCases: readonly PolicyCase[] = [
  lseekCase(matchWorkloads, 'of the host', 'matchWorkloads:\n  hostSelector: {}', lseek),
  lseekCase(
    matchWorkloads,
    'all three empty: everything',
    'matchWorkloads:\n  hostSelector: {}\n  podSelector: {}\n  containerSelector: {}',
    lseek,
  ),
]
