import type { Btf } from '@tetragon-ts/ebpf/btf'
import type { TracepointField } from '@tetragon-ts/ebpf/lang'
import type { Steps } from '@tetragon-ts/ebpf/steps'
import type { HostNamespaces } from '@tetragon-ts/sensors/process/host-namespaces'
import type { CgroupHierarchy } from '@tetragon-ts/sensors/process/identity'
import type { OwnProcess } from '../hook/own-process.ts'
import type { Refusal } from '../hook/refusal.ts'
import type { UserFile } from '../user-probes/index.ts'

/** The kernel as back ends see it when they plan; its methods load nothing. */
export interface KernelView {
  readonly btf: Btf
  /** Why this kernel does not support a program type; undefined if it does. Found by probing. */
  refuses(kind: ProgramKind): Refusal | undefined
  /** Whether it skips programs of trampolines for tasks that were preempted inside them. */
  readonly preemptsPrograms: boolean
  /** Leads to the root of the host. */
  readonly hostRoot: string
  /** Mount point of the version 2 cgroup hierarchy. */
  readonly cgroupRoot: string | undefined
  /** Reads the names of all functions in steps; otherwise the first question about one does. */
  readonly readNames?: (() => Steps<void>) | undefined
  /** Whether a function has a symbol: /proc/kallsyms. */
  hasSymbol(name: string): boolean
  /** Names of all functions with a symbol. */
  readonly symbols: ReadonlySet<string>
  /** Functions that ftrace can trace; undefined if unknown. */
  readonly traceable: ReadonlySet<string> | undefined
  /**
   * Difference of the stack pointer at a function's return and at its entry, as kprobes see it;
   * undefined if unknown.
   */
  returnDistance(kind: 'kprobe' | 'kprobe_multi'): number | undefined
  /**
   * The fields of a tracepoint's record.
   * @throws EbpfError EBPF_NO_TRACEFS, EBPF_NO_TRACEPOINT
   */
  tracepointFields(group: string, name: string): readonly TracepointField[]
  /** Names of the groups of tracepoints, or of those in a group; empty if there is none such. */
  tracepoints(group?: string): readonly string[]
  readonly hostNamespace: HostNamespaces
  /** The agent, whose own operations are not observed; undefined if its pid is unknown. */
  readonly agent: OwnProcess | undefined
  /** The hierarchy of the containers' control groups. */
  readonly hierarchy: CgroupHierarchy
  /** Opens a program or library of the host. @throws SystemCallError, Error if it is none */
  openUserFile(path: string): UserFile
  /**
   * Waits until the file system of a path of the host has answered, or is known not to; then
   * `openUserFile` does not wait for it. Undefined: files are opened without that.
   */
  readonly askUserFile?: ((path: string) => Promise<unknown>) | undefined
  /**
   * The different programs or libraries at a path of the host and of all containers. Each is closed
   * when the next one is taken.
   */
  userFiles(path: string): Iterable<UserFile>
  /** Size of the ring in bytes. */
  readonly ringSize: number
  /** Whether enforcing actions spare some executables. */
  readonly hasGuards: boolean
}

export type ProgramKind =
  | 'fentry'
  | 'kprobe'
  | 'kprobe_multi'
  | 'lsm'
  | 'fmod_ret'
  | 'override_return'
  | 'tp_btf'
  | 'tracepoint'
  | 'raw_tp'
  | 'sock_ops'
  | 'cgroup_sock'
  | 'cgroup_skb'
  | 'cgroup_sock_addr'
  | 'cgroup_sockopt'
  | 'cgroup_device'
  | 'cgroup_sysctl'
  | 'fanotify'
  | 'uprobe'
  | 'uprobe_cookie'
  | 'uprobe_multi'
  | 'uprobe_registers'
  | 'probe_write_user'
