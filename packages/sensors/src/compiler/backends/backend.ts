import type { SyscallAbi } from '@tetragon-ts/api'
import type { Btf } from '@tetragon-ts/ebpf/btf'
import type { Code, Hook } from '@tetragon-ts/ebpf/lang'
import type { Section } from '@tetragon-ts/policy'
import type { Hit } from '../hit.ts'
import type { HostNamespaces } from '../matchers/host-namespaces.ts'
import type { Dispatchers } from './syscall-dispatcher.ts'

/** The kernel as back ends see it when they plan; nothing is loaded for asking. */
export interface KernelView {
  readonly btf: Btf
  /** Why this kernel does not run programs of a kind; undefined if it does. Found by trying. */
  refuses(kind: ProgramKind): string | undefined
  /** Folder of the version 2 cgroup hierarchy. */
  readonly cgroupRoot: string | undefined
  /** Whether a function has a symbol: /proc/kallsyms. */
  hasSymbol(name: string): boolean
  /** Names of all functions that have a symbol. */
  readonly symbols: ReadonlySet<string>
  /** Functions that ftrace can trace; undefined if unknown. */
  readonly traceable: ReadonlySet<string> | undefined
  /**
   * By how much the stack pointer at a function's return is above the one at its entry, as probes
   * see it; undefined if that is not known.
   */
  returnDistance(kind: 'kprobe' | 'kprobe_multi'): number | undefined
  readonly dispatchers: Dispatchers
  readonly hostNamespace: HostNamespaces
  /** Bytes of the ring that records go to. */
  readonly ringSize: number
}

export type ProgramKind =
  | 'fentry'
  | 'kprobe'
  | 'kprobe_multi'
  | 'lsm'
  | 'tp_btf'
  | 'tracepoint'
  | 'raw_tp'
  | 'sock_ops'
  | 'cgroup_sock'

/** A function, an LSM hook or a tracepoint that a hook names. */
export interface TargetFunction {
  /** As events show it: of a system call with its prefix, of a tracepoint `subsystem/event`. */
  readonly shown: string
  /** The kernel's symbol, or the event's name. */
  readonly symbol: string
  /** Where it is the function behind a system call. */
  readonly syscall?: SyscallTarget | undefined
}

export interface SyscallTarget {
  readonly abi: SyscallAbi
  /** Undefined where the kernel's interface has no call of this name. */
  readonly number: number | undefined
}

/** What a hook of a policy asks for. */
export interface HookTarget {
  readonly section: Section
  /** At least one; of several all are functions, or all system calls of one ABI. */
  readonly functions: readonly TargetFunction[]
  /**
   * Arguments are a system call's, as user space gave them: not those of the function behind it.
   */
  readonly syscall: boolean
  /** Of tracepoints: arguments as the kernel's code gives them, not the fields of the record. */
  readonly raw: boolean
  /** Whether the function's return is needed too. */
  readonly returns: boolean
  /** No equivalent will do. */
  readonly exact: boolean
  /** No kprobe.multi. */
  readonly single: boolean
  /** Programs want to call helpers that wait. */
  readonly sleepable: boolean
}

/** Where a program is placed: a hook of the kernel language, and how its hits look. */
export interface Placement {
  readonly hook: Hook
  hit(k: Code, args: readonly unknown[]): Hit
}

/** A way into the kernel for a hook. */
export interface HookPlan {
  /** Name of the back end, as the policy's status shows it and as it is ruled out. */
  readonly backend: string
  /** Why this one, in a few words. */
  readonly why: string
  /** How it differs from a program at the function itself. */
  readonly difference?: string | undefined
  readonly enter: readonly Placement[]
  /** The function's return; its hits have the result. */
  readonly leave: readonly Placement[]
  /**
   * The return of a function that copies memory of the process itself: what its entry could not
   * read is read again there. Given where `leave` is empty.
   */
  readonly late?: readonly Placement[]
  /** Entry and return are the same moment: the entry's programs have to run first. */
  readonly leaveRunsLast?: boolean
  /** At the return the parameters are still there, with the values they had at the entry. */
  readonly parametersAtReturn?: boolean
  /** Positions of the parameters that are known there. */
  readonly parameters: readonly number[]
  /** Registers are known there. */
  readonly registers?: boolean
  /** Programs may call helpers that wait. */
  readonly sleepable?: boolean
  /** Names of the functions by the function index of hits; with gaps. */
  readonly functionNames: readonly string[]
}

/** One way to hook; the first that can is taken. */
export interface Backend {
  readonly name: string
  /** It plans for one function at a time. */
  readonly alone?: boolean
  /** A plan for all functions of the target, or why it cannot. Asking is cheap. */
  plan(target: HookTarget, kernel: KernelView): HookPlan | string
}

/** Whether a hook is at functions of the kernel: then a program at the function itself will do. */
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
