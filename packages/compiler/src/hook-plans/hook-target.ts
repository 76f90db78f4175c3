import type { SyscallAbi } from '@tetragon-ts/api'
import type { UserPlace } from '@tetragon-ts/ebpf/lang'
import type { Action, PolicyOptions, Section, UserHook } from '@tetragon-ts/policy'
import type { Locator, UsdtLayout } from '../user-probes/index.ts'

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

/**
 * Whether it attaches to functions of the kernel: then it also accepts a program at the function
 * itself.
 */
export function isFunction({ section }: HookTarget): boolean {
  return section === 'kprobes' || section === 'fentries'
}

/** Names by index, for functions in their order. */
export function namesOf({ functions }: HookTarget): readonly string[] {
  return functions.map(({ shown }) => shown)
}
