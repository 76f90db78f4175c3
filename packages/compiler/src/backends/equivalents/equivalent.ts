import type { Refusal } from '../../hook/refusal.ts'
import type { HookPlan } from '../../hook-plans/hook-plan.ts'
import type { HookTarget } from '../../hook-plans/hook-target.ts'
import type { KernelView } from '../../hook-plans/kernel-view.ts'

/**
 * Another location in the kernel that is reached whenever a well-known function runs, for kernels
 * where the function itself cannot be hooked.
 */
export interface Equivalent {
  readonly functions: readonly string[]
  /** Declaration of the function, for display: `tcp_close(sk, timeout)`. */
  readonly prototype: string
  /** The location. */
  readonly location: string
  /** Differences from a program at the function itself, for the author of a policy. */
  readonly difference: string
  /** A plan, or why this kernel does not have the location either. */
  plan(target: HookTarget, kernel: KernelView): EquivalentPlan | Refusal
}

/** Positions of parameters are those of the function. */
export type EquivalentPlan = Pick<HookPlan, 'enter' | 'parameters'> &
  Partial<Pick<HookPlan, 'leave' | 'leaveRunsLast' | 'anyTask'>>
