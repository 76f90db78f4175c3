import type { FeatureName } from '@tetragon-ts/ebpf/features'
import { policy, refuse } from './attack.ts'
import type { Forbidden } from './operations.ts'

/** A way to forbid operations: a means with hooks of a section. */
export interface Way {
  /** What the kernel must have. */
  readonly feature?: FeatureName
  readonly section: 'lsmhooks' | 'kprobes'
  readonly options: string
  readonly action: string
  /** The first lines of a hook; undefined: the way is not for this operation. */
  hook(operation: Forbidden): string | undefined
  readonly atCall: boolean
}

const functionOf = ({ function: name, hook }: Forbidden) => name ?? `security_${hook}`
const atFunction = (operation: Forbidden) => `call: ${functionOf(operation)}\n  syscall: false`
const atSyscall = ({ call }: Forbidden) => `call: sys_${call}\n  syscall: true`
const method = (name: string) => `options: [{name: override-method, value: ${name}}]`

export const ways = {
  lsm: {
    feature: 'lsm',
    ...{ section: 'lsmhooks', options: '', action: refuse, atCall: false },
    hook: ({ hook }) => `hook: ${hook}`,
  },
  fmod_ret: {
    feature: 'fmod_ret',
    ...{ section: 'kprobes', options: method('fmod-ret'), action: refuse, atCall: false },
    hook: atFunction,
  },
  override_return: {
    feature: 'override_return',
    ...{ section: 'kprobes', options: method('override-return'), action: refuse, atCall: true },
    hook: atSyscall,
  },
  cgroup: {
    feature: 'cgroup_sock_addr',
    ...{ section: 'kprobes', options: method('cgroup'), action: refuse, atCall: false },
    hook: (operation) => (operation.cgroup ? atFunction(operation) : undefined),
  },
  'signal at the hook': {
    ...{ section: 'kprobes', options: '', action: '{action: Sigkill}', atCall: false },
    hook: (operation) => (operation.signalIs === 'not tested' ? undefined : atFunction(operation)),
  },
  'signal at the call': {
    ...{ section: 'kprobes', options: '', action: '{action: Sigkill}', atCall: true },
    hook: (operation) => (operation.signalIs === 'not tested' ? undefined : atSyscall(operation)),
  },
} as const satisfies Record<string, Way>

export type WayName = keyof typeof ways

/** A policy that forbids an operation to a program. @param file that is attacked */
export function forbid(way: Way, operation: Forbidden, program: string, file: string): string {
  const selection = way.atCall ? operation.atCall : operation.atHook
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
