import type { CgroupHierarchy } from '@tetragon-ts/sensors/process/identity'
import type { ProgramKind } from '../hook-plans/kernel-view.ts'

const described = {
  ...{ fentry: true, kprobe: true, kprobe_multi: true, lsm: true, fmod_ret: true },
  ...{ override_return: true, tp_btf: true, tracepoint: true, raw_tp: true, sock_ops: true },
  ...{ cgroup_sock: true, cgroup_skb: true, cgroup_sock_addr: true, cgroup_sockopt: true },
  ...{ cgroup_device: true, cgroup_sysctl: true, fanotify: true, uprobe: true },
  ...{ uprobe_cookie: true, uprobe_multi: true, uprobe_registers: true, probe_write_user: true },
} as const satisfies Record<ProgramKind, true>

/** Types of programs. */
export const programKinds = Object.keys(described) as readonly ProgramKind[]

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
  /** Why they are unknown; empty if they are known. */
  readonly securityModulesUnknown: string
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
