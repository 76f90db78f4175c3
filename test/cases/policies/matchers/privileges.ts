import type { PolicyCase } from '../policy-case.ts'
import { before, lseek, lseekCase } from './lseek.ts'

const matchCapabilities = { kind: 'matcher', name: 'matchCapabilities' } as const
const matchCapabilityChanges = { kind: 'matcher', name: 'matchCapabilityChanges' } as const

const nobody = '65534'
const CLONE_NEWUSER = '0x10000000'

function select(field: string, entries: readonly string[]): string {
  return `${field}:\n${entries.map((entry) => `- ${entry}`).join('\n')}`
}

function has(operator: string, type: string, ...names: readonly string[]): string {
  return `{operator: ${operator}, type: ${type}, values: [${names.join(', ')}]}`
}

export const privilegeCases: readonly PolicyCase[] = [
  lseekCase(
    matchCapabilities,
    'effective, any of several',
    select('matchCapabilities', [has('In', 'Effective', 'CAP_SYS_ADMIN', 'CAP_SYS_MODULE')]),
    lseek,
    before('setuid', nobody),
  ),
  lseekCase(
    matchCapabilities,
    'NotIn: none of them',
    select('matchCapabilities', [has('NotIn', 'Effective', 'CAP_SYS_ADMIN', 'DAC_OVERRIDE')]),
    before('setuid', nobody),
    lseek,
  ),
  lseekCase(
    matchCapabilities,
    'permitted, but not effective: two entries',
    select('matchCapabilities', [
      has('In', 'Permitted', 'CAP_CHOWN'),
      has('NotIn', 'Effective', 'CAP_CHOWN'),
    ]),
    before('capset', '0', '1', '0'),
    before('capset', '1', '1', '0'),
  ),
  lseekCase(
    matchCapabilities,
    'inheritable',
    select('matchCapabilities', [has('In', 'Inheritable', 'CAP_CHOWN')]),
    before('capset', '1', '1', '1'),
    before('capset', '1', '1', '0'),
  ),
  lseekCase(
    matchCapabilities,
    'isNamespaceCapability: those of a user namespace only',
    `
matchCapabilities:
- operator: In
  isNamespaceCapability: true
  values: [CAP_SYS_ADMIN]`,
    before('unshare', CLONE_NEWUSER),
    lseek,
  ),
  lseekCase(
    matchCapabilityChanges,
    'lost since the program began',
    select('matchCapabilityChanges', [has('In', 'Effective', 'CAP_SYS_ADMIN')]),
    before('setuid', nobody),
    lseek,
  ),
  lseekCase(
    matchCapabilityChanges,
    'gained since the program began',
    select('matchCapabilityChanges', [has('In', 'Inheritable', 'CAP_CHOWN')]),
    before('capset', '1', '1', '1'),
    before('capset', '1', '1', '0'),
  ),
  lseekCase(
    matchCapabilityChanges,
    'NotIn: none of them changed',
    select('matchCapabilityChanges', [has('NotIn', 'Effective', 'CAP_SYS_ADMIN')]),
    before('capset', '0x200000', '0x200000', '0'),
    before('setuid', nobody),
  ),
  lseekCase(
    matchCapabilityChanges,
    'a new program begins anew',
    select('matchCapabilityChanges', [has('In', 'Effective', 'CAP_SYS_ADMIN')]),
    before('setuid', nobody),
    ['setuid', nobody, '--', 'exec', '{trigger}', ...lseek],
  ),
]
