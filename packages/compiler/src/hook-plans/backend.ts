import type { Refusal } from '../hook/refusal.ts'
import type { HookPlan } from './hook-plan.ts'
import type { HookTarget } from './hook-target.ts'
import type { KernelView } from './kernel-view.ts'

/** An attach method; the first suitable one is used. */
export interface Backend {
  readonly name: string
  /** It plans for one function at a time. */
  readonly alone?: boolean
  /** A plan for all functions of the target, or why there is none. Planning is cheap. */
  plan(target: HookTarget, kernel: KernelView): HookPlan | Refusal
}
