import { isMain } from '@tetragon-ts/agent/testing'
import { Btf } from '@tetragon-ts/ebpf/btf'
import { type FeatureName, probe } from '@tetragon-ts/ebpf/features'
import { preemptsPrograms } from '@tetragon-ts/sensors'
import { policy, refuse } from './attack.ts'
import type { Forbidden, Selection } from './operations.ts'

/** Why means are not tested on the main kernel that need no program at a function or LSM hook. */
export const leftToHost =
  'it needs no kprobes, trampolines or LSM programs: tested on the machine itself'

/** A way to forbid operations: a means with hooks of a section. */
export interface Way {
  /** What the kernel must have. */
  readonly feature?: FeatureName
  readonly section: 'lsmhooks' | 'kprobes'
  readonly options: string
  readonly action: string
  /** The first lines of a hook; undefined: the way is not for this operation. */
  hook(operation: Forbidden): string | undefined
  /** What selects it among others at the hook; undefined: the program does. */
  select(operation: Forbidden): Selection | undefined
}

const functionOf = ({ function: name, hook }: Forbidden) => name ?? `security_${hook}`
const atFunction = (operation: Forbidden) => `call: ${functionOf(operation)}\n  syscall: false`
const atSyscall = ({ call }: Forbidden) => `call: sys_${call}\n  syscall: true`
const atHook = (operation: Forbidden) => operation.atHook
const atCall = (operation: Forbidden) => operation.atCall
const method = (name: string) => `options: [{name: override-method, value: ${name}}]`

export const ways = {
  lsm: {
    feature: 'lsm',
    section: 'lsmhooks',
    options: '',
    action: refuse,
    select: atHook,
    hook: ({ hook }) => `hook: ${hook}`,
  },
  fmod_ret: {
    feature: 'fmod_ret',
    section: 'kprobes',
    options: method('fmod-ret'),
    action: refuse,
    select: atHook,
    hook: atFunction,
  },
  override_return: {
    feature: 'override_return',
    section: 'kprobes',
    options: method('override-return'),
    action: refuse,
    select: atCall,
    hook: atSyscall,
  },
  cgroup: {
    feature: 'cgroup_sock_addr',
    section: 'kprobes',
    options: method('cgroup'),
    action: refuse,
    select: atHook,
    hook: (operation) => (operation.cgroup ? atFunction(operation) : undefined),
  },
  fanotify: {
    feature: 'fanotify',
    section: 'kprobes',
    options: method('fanotify'),
    action: refuse,
    hook: (operation) => (operation.asked ? atFunction(operation) : undefined),
    select: ({ asked }) => asked,
  },
  'signal at the hook': {
    section: 'kprobes',
    options: '',
    action: '{action: Sigkill}',
    select: atHook,
    hook: (operation) => (operation.signalIs === 'not tested' ? undefined : atFunction(operation)),
  },
  'signal at the call': {
    section: 'kprobes',
    options: '',
    action: '{action: Sigkill}',
    select: atCall,
    hook: (operation) => (operation.signalIs === 'not tested' ? undefined : atSyscall(operation)),
  },
} as const satisfies Record<string, Way>

export type WayName = keyof typeof ways

/** A policy that forbids an operation to a program. @param file or program that is attacked */
export function forbid(way: Way, operation: Forbidden, program: string, file: string): string {
  const selection = way.select(operation)
  const args = selection ? `\n  args: [${selection.args}]` : ''
  const matchArgs = selection ? `\n    matchArgs: [${selection.match.replace('FILE', file)}]` : ''
  return policy(
    'forbids',
    `${way.options}
${way.section}:
- ${way.hook(operation)}${args}
  selectors:
  - matchBinaries: [{operator: In, values: ["${program}"]}]${matchArgs}
    matchActions: [{action: NoPost}, ${way.action}]`,
  )
}

/** Why this kernel cannot forbid anything in this way. */
export function whyNot({ feature }: Way): string | undefined {
  if (feature === undefined) return undefined
  if (isMain && (feature === 'cgroup_sock_addr' || feature === 'fanotify')) return leftToHost
  const { answer, reason } = probe(feature)
  if (answer !== 'yes') return reason
  const isWeak = feature === 'fmod_ret' && preemptsPrograms(Btf.open())
  return isWeak ? 'this kernel preempts programs, so attempts can succeed' : undefined
}
