import type { Refusal } from '../../hook/refusal.ts'
import type { HookPlan, Placement, Weakness } from '../../hook-plans/hook-plan.ts'
import type { HookTarget } from '../../hook-plans/hook-target.ts'
import type { KernelView, ProgramKind } from '../../hook-plans/kernel-view.ts'

/** An operation about which programs at cgroups decide, before it has an effect. */
export interface CgroupDecision
  extends Pick<HookPlan, 'parameters' | 'members' | 'values' | 'anyTask'> {
  /** The function of the kernel that stands for the operation in policies. */
  readonly function: string
  /** Declaration of the function, for display. */
  readonly prototype: string
  /** The kernel's hooks. */
  readonly at: string
  readonly needs: ProgramKind
  /** Differences from a program at the function itself, for the author of a policy. */
  readonly difference: string
  /** Calls that programs do not see, which a policy must permit; undefined if they see all. */
  readonly weakness?: Weakness
  /** Why programs cannot decide for a target; undefined if they can. */
  refuses?(target: HookTarget, kernel: KernelView): Refusal | undefined
  /** The programs. @param cgroup folder of the root of the version 2 hierarchy */
  placements(cgroup: string): readonly Placement[]
}
