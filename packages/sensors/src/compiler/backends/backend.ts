import type { SyscallAbi } from '@tetragon-ts/api'
import type { Btf } from '@tetragon-ts/ebpf/btf'
import type { Code, Hook, UserPlace } from '@tetragon-ts/ebpf/lang'
import type { MarkedFiles } from '@tetragon-ts/ebpf/links'
import type { Action, PolicyOptions, Section, UserHook } from '@tetragon-ts/policy'
import type { CgroupHierarchy } from '../../process/identity.ts'
import type { Hit } from '../hit.ts'
import type { HostNamespaces } from '../matchers/host-namespaces.ts'
import type { MeansName } from '../means/means.ts'
import type { Locator, Redirects, UsdtLayout, UserFile, UserProbes } from '../user-probes/index.ts'
import type { Refusal } from './refusal.ts'
import type { Dispatchers } from './syscall-dispatcher.ts'

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
  readonly dispatchers: Dispatchers
  readonly hostNamespace: HostNamespaces
  /** The hierarchy of the containers' control groups. */
  readonly hierarchy: CgroupHierarchy
  /** Opens a program or library of the host. @throws SystemCallError, Error if it is none */
  openUserFile(path: string): UserFile
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

/** A function, LSM hook, tracepoint or place in user space of a hook. */
export interface TargetFunction {
  /** Name in events: a system call with its prefix, a tracepoint as `subsystem/event`. */
  readonly shown: string
  /** The kernel's symbol, or the event's name. */
  readonly symbol: string
  /** If it is the function of a system call. */
  readonly syscall?: SyscallTarget | undefined
  /** If it is in user space. */
  readonly probe?: ProbeTarget | undefined
}

export interface ProbeTarget {
  readonly locator: Locator
  /** Where the arguments of a static probe are; undefined if there is no file yet. */
  readonly layout?: UsdtLayout | undefined
  /** Whether the file of the host lacks it. */
  readonly isMissing?: boolean
  /** The first place in the file of the host. */
  readonly onHost?: UserPlace | undefined
}

export interface SyscallTarget {
  readonly abi: SyscallAbi
  /** Undefined if the kernel has no call of this name. */
  readonly number: number | undefined
}

/** Requirements of a policy hook. */
export interface HookTarget {
  readonly section: Section
  /** At least one; several are all functions, or all system calls of one ABI. */
  readonly functions: readonly TargetFunction[]
  /** Arguments are those of a system call, as user space passed them, not those of its function. */
  readonly syscall: boolean
  /** For tracepoints: arguments as the kernel passes them, not the fields of the record. */
  readonly raw: boolean
  /** Whether the function's return is needed too. */
  readonly returns: boolean
  /** Equivalents are not allowed. */
  readonly exact: boolean
  /** kprobe.multi, or uprobe.multi, is not allowed. */
  readonly single: boolean
  /** Programs need sleepable helpers. */
  readonly sleepable: boolean
  /** If it is in user space. */
  readonly user?: UserHook | undefined
  /** Whether arguments are read from memory of user space. */
  readonly readsUserMemory: boolean
  /** How results must be replaced (option override-method); undefined: in any way. */
  readonly method?: PolicyOptions['overrideMethod']
  /** Whether the policy is for the pods of a namespace. */
  readonly isNamespaced: boolean
  /** Paths of files, if each selector names those that it is about, in the first parameter. */
  readonly files?: readonly string[] | undefined
  /** Parts of the policy that concern the current process, such as `matchBinaries`. */
  readonly aboutProcess: readonly string[]
  /** Whether the policy or a selector selects workloads. */
  readonly selectsWorkloads: boolean
  /** Enforcing actions that its programs must be able to carry out. */
  readonly enforces: readonly Action[]
}

/** What the decisions of a means can miss. */
export interface Weakness {
  /** Behind the name of the means in lists and events, such as `can be skipped`. */
  readonly short: string
  readonly text: string
}

/** Where a program is attached: a hook of the kernel language, and how its hits are read. */
export interface Placement {
  readonly hook: Hook
  /** @param end emits the exit for hits whose task is not found; deciding programs refuse there */
  hit(k: Code, args: readonly unknown[], end: () => void): Hit
}

/** A plan to attach a hook. */
export interface HookPlan {
  /** Name of the back end, in the policy's status and in rule-outs. */
  readonly backend: string
  /** Why it was chosen, in a few words. */
  readonly why: string
  /** How it differs from a program at the function itself. */
  readonly difference?: string | undefined
  readonly enter: readonly Placement[]
  /** The function's return; its hits have the return value. */
  readonly leave: readonly Placement[]
  /**
   * The return of a function that copies user memory itself: values that were unreadable at the
   * entry are read again there. Set if `leave` is empty.
   */
  readonly late?: readonly Placement[]
  /** Entry and return are at the same time: the entry's programs must run first. */
  readonly leaveRunsLast?: boolean
  /**
   * The kernel tracks a limited number of pending returns (maxactive), which blocked calls can
   * exhaust.
   */
  readonly limitedReturns?: true
  /** Parameters are still available at the return, with their values from the entry. */
  readonly parametersAtReturn?: boolean
  /** Positions of available parameters. */
  readonly parameters: readonly number[]
  /** Available members of a parameter, by its position; by default all. */
  readonly members?: Readonly<Record<number, readonly string[]>>
  /** The only values that a parameter has there, by its position; by default all. */
  readonly values?: Readonly<Record<number, readonly bigint[]>>
  /** Registers are available. */
  readonly registers?: boolean
  /** Programs may call sleepable helpers. */
  readonly sleepable?: boolean
  /** Whether programs can write to arguments in memory of user space, or why not. */
  readonly writes?: true | Refusal
  /** The means by which the result of programs at the entry replaces that of the function. */
  readonly decides?: MeansName
  /** Callers of the function also refuse the operation if the result is positive. */
  readonly refusesPositive?: boolean
  /** Set if a thread of the agent runs its programs, to answer permission events of these files. */
  readonly marks?: MarkedFiles
  /** Set for hooks in user space: a program is attached to several files. */
  readonly probes?: UserProbes
  /** Set for hooks in user space whose programs override their functions. */
  readonly redirects?: Redirects | undefined
  /** The functions by the function index of hits, for hooks in user space. */
  readonly functions?: readonly TargetFunction[]
  /** What its decisions can miss, which the policy permits. */
  readonly weakness?: Weakness
  /** Why the current task may not be the one that acts, such as `it is also hit in interrupts`. */
  readonly anyTask?: string | undefined
  /** Names of the functions by the function index of hits; sparse. */
  readonly functionNames: readonly string[]
}

/** An attach method; the first suitable one is used. */
export interface Backend {
  readonly name: string
  /** It plans for one function at a time. */
  readonly alone?: boolean
  /** A plan for all functions of the target, or why there is none. Planning is cheap. */
  plan(target: HookTarget, kernel: KernelView): HookPlan | Refusal
}

/**
 * Whether it attaches to functions of the kernel: then it also accepts a program at the function
 * itself.
 */
export function isFunction({ section }: HookTarget): boolean {
  return section === 'kprobes' || section === 'fentries'
}

/** The first `count` positions. */
export function positions(count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => i)
}

/** Names by index, for functions in their order. */
export function namesOf({ functions }: HookTarget): readonly string[] {
  return functions.map(({ shown }) => shown)
}
