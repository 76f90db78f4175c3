import type { Code, Hook, MarkedFiles } from '@tetragon-ts/ebpf/lang'
import type { Hit } from '../hook/hit.ts'
import type { Refusal } from '../hook/refusal.ts'
import type { Redirects, UserProbes } from '../user-probes/index.ts'
import type { TargetFunction } from './hook-target.ts'

/** Names of means, in errors, in the status of policies and in events. */
export type MeansName =
  | 'signal'
  | 'lsm'
  | 'fmod_ret'
  | 'override_return'
  | 'cgroup'
  | 'fanotify'
  | 'registers'
  | 'enforcer'
  | 'user_write'

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
  /** Programs can set parameters that are in registers. */
  readonly setsParameters?: true
  /** The means that it was planned for: it attaches where that means can act. */
  readonly plannedFor?: MeansName
  /** The result of programs at the entry replaces that of the function. */
  readonly resultDecides?: true
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

/** The first `count` positions. */
export function positions(count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => i)
}
