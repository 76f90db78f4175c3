import type { Action } from '@tetragon-ts/policy'
import type { MeansName } from '../hook-plans/hook-plan.ts'
import type { PlannedHook } from '../plan/plan-hook.ts'

/** What can be relied on when an enforcing action matches. */
export type Guarantee =
  /** The operation does not take place. */
  | 'refuses'
  /** The same, for the operations that the means sees. */
  | 'can_be_missed'
  /** The process gets a signal; the operation may have had its effect. */
  | 'signals'
  /** Another hook of the policy acts. */
  | 'notifies'
  /** Memory of the process is changed. */
  | 'writes'
  /** Nothing is stopped. */
  | 'monitors'

/** An enforcing action as this kernel carries it out. */
export interface ActionCheck {
  readonly action: string
  /** Undefined if the kernel has none, and the policy only monitors. */
  readonly means: string | undefined
  readonly guarantee: Guarantee
  /** What the means can miss; empty if nothing. */
  readonly missed: string
}

const guaranteeOfMeans: Readonly<Record<MeansName, Guarantee>> = {
  lsm: 'refuses',
  fmod_ret: 'refuses',
  override_return: 'refuses',
  cgroup: 'refuses',
  fanotify: 'refuses',
  registers: 'refuses',
  signal: 'signals',
  enforcer: 'notifies',
  user_write: 'writes',
}

/** The means of an action with its guarantee. */
export function checkAction(action: Action, planned: PlannedHook): ActionCheck {
  const { plannedFor, weakness } = planned.plan
  const means = planned.means(action)?.name
  const isWeak = weakness !== undefined && means === plannedFor
  const own = means === undefined ? 'monitors' : guaranteeOfMeans[means]
  const isMonitored = planned.scope.policy.options.mode === 'monitor'
  const guarantee = isMonitored ? 'monitors' : isWeak ? 'can_be_missed' : own
  return { action: action.action, means, guarantee, missed: isWeak ? weakness.text : '' }
}
