import type { CgroupHierarchy } from '@tetragon-ts/sensors/process/identity'
import type { ProgramKind } from '../hook-plans/kernel-view.ts'

/** Types of programs, in the order of reports. */
export const programKinds = [
  ...(['fentry', 'kprobe', 'kprobe_multi', 'lsm', 'fmod_ret', 'override_return'] as const),
  ...(['tp_btf', 'tracepoint', 'raw_tp', 'sock_ops', 'cgroup_sock', 'cgroup_skb'] as const),
  ...(['cgroup_sock_addr', 'cgroup_sockopt', 'cgroup_device', 'cgroup_sysctl'] as const),
  ...(['fanotify', 'uprobe', 'uprobe_cookie', 'uprobe_multi', 'uprobe_registers'] as const),
  'probe_write_user',
] as const satisfies readonly ProgramKind[]

/** Abilities of verifiers that programs are built for: those of `Target`. */
export const abilities = [
  ...(['bpfLoop', 'currentTaskBtf', 'directReads', 'openReads'] as const),
  ...(['mapFields', 'guardedArguments', 'longJumps', 'exchange'] as const),
] as const

export type Ability = (typeof abilities)[number]

/** The processors that the compiler supports, as in `process.arch`. */
export const architectures = ['x64', 'arm64'] as const

/** The answer of a probe. */
export interface ProbeAnswer {
  readonly answer: 'yes' | 'no' | 'unknown'
  /** Empty if the answer is yes. */
  readonly reason: string
}

/** A field of a tracepoint's record: type, name, offset, size in bytes, whether it is signed. */
export type FieldRow = readonly [string, string, number, number, 0 | 1]

/** What a description has besides types and functions. */
export interface KernelFacts {
  /** Output of `uname -r` and `uname -v`. */
  readonly release: string
  readonly version: string
  readonly architecture: (typeof architectures)[number]
  /** Active security modules; empty if unknown. */
  readonly securityModules: readonly string[]
  /** The hierarchy of the containers' control groups, and whether version 2 is mounted. */
  readonly cgroups: { readonly hierarchy: CgroupHierarchy; readonly version2: boolean }
  readonly limits: Readonly<Record<string, number>>
  /** Why it does not support a type of programs; empty if it does. */
  readonly refusals: Readonly<Record<ProgramKind, string>>
  readonly abilities: Readonly<Record<Ability, boolean>>
  readonly probes: Readonly<Record<string, ProbeAnswer>>
  readonly preemptsPrograms: boolean
  /** See `KernelView.returnDistance`; null if unknown. */
  readonly returnDistances: Readonly<Record<'kprobe' | 'kprobe_multi', number | null>>
  /** Fields of records by group and name. */
  readonly tracepoints: Readonly<Record<string, Readonly<Record<string, readonly FieldRow[]>>>>
}
