import type { HookPlan, HookTarget, KernelView } from '../backend.ts'

/**
 * Another place in the kernel that is passed whenever a well-known function runs, for kernels where
 * the function itself cannot be hooked.
 */
export interface Equivalent {
  readonly functions: readonly string[]
  /** How the function is declared, for people: `tcp_close(sk, timeout)`. */
  readonly prototype: string
  /** Where it is seen instead. */
  readonly location: string
  /** What differs from a program at the function itself, for the person who reads the policy. */
  readonly difference: string
  /** A plan, or why this kernel does not have the place either. */
  plan(target: HookTarget, kernel: KernelView): EquivalentPlan | string
}

/** Positions of parameters are those of the function itself. */
export type EquivalentPlan = Pick<HookPlan, 'enter' | 'parameters'> &
  Partial<Pick<HookPlan, 'leave' | 'leaveRunsLast'>>
