import type { Action } from '@tetragon-ts/policy'
import type { Guarantee } from '../means/means.ts'
import type { PlannedHook } from '../plan/plan-hook.ts'

/** Of a means, or less: `can_be_missed` refuses only the operations that the means sees. */
export type KernelGuarantee = Guarantee | 'can_be_missed' | 'monitors'

/** An enforcing action as this kernel carries it out. */
export interface ActionCheck {
  readonly action: string
  /** Undefined if the kernel has none, and the policy only monitors. */
  readonly means: string | undefined
  readonly guarantee: KernelGuarantee
  /** What the means can miss; empty if nothing. */
  readonly missed: string
}

/** The means of an action with its guarantee. */
export function checkAction(action: Action, planned: PlannedHook): ActionCheck {
  const { plannedFor, weakness } = planned.plan
  const found = planned.means(action)
  const means = found?.name
  const isWeak = weakness !== undefined && means === plannedFor
  const isMonitored = planned.scope.policy.options.mode === 'monitor'
  const own = isWeak ? 'can_be_missed' : found?.guarantee
  const guarantee = isMonitored || own === undefined ? 'monitors' : own
  return { action: action.action, means, guarantee, missed: isWeak ? weakness.text : '' }
}
