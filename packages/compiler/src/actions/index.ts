import type { MapSpec } from '@tetragon-ts/ebpf/maps'
import type { Action, ActionName, Policy } from '@tetragon-ts/policy'
import type { MeansName } from '../hook-plans/hook-plan.ts'
import type { ActionCode, ActionModule, EnforcedAction } from './action.ts'
import { enforcingActions, enforcingMeans } from './enforce.ts'
import { enforcerActionMeans, enforcerActions } from './enforcer.ts'
import { followFdActions } from './follow-fd.ts'
import { postActions } from './post.ts'
import { requestActions, type UserRequest } from './requests.ts'
import { setActions, setMeans } from './set.ts'
import { sockOwners, trackSockActions, tracksSocks } from './track-sock.ts'

type Modules<N extends ActionName> = { readonly [A in N]: ActionModule<A> }

/** All actions, by family: a missing one does not compile. */
const actions: Modules<ActionName> = {
  ...postActions,
  ...followFdActions,
  ...trackSockActions,
  ...requestActions,
  ...enforcingActions,
  ...enforcerActions,
  ...setActions,
}

/** All means, by the families of the actions: a missing one does not compile. */
const means = { ...enforcingMeans, ...enforcerActionMeans, ...setMeans } satisfies Record<
  MeansName,
  unknown
>

/** Names of all means. */
export const meansNames = Object.keys(means) as readonly MeansName[]

/** The code of an action; undefined if it does nothing in the kernel. */
export function actionCode<N extends ActionName>(action: Action<N>): ActionCode<N> | undefined {
  return actions[action.action].kernel
}

/** Request of an action to user space when the event is posted. */
export function userRequests(taken: readonly Action[]): readonly UserRequest[] {
  return taken.flatMap((action) => moduleOf(action).request?.(action) ?? [])
}

/** How an action is carried out, if it enforces. */
export function enforcementOf<N extends ActionName>(
  action: Action<N>,
): EnforcedAction<N> | undefined {
  return moduleOf(action).enforcement
}

/**
 * Whether an observing action has an effect. Events report only these and executed enforcing
 * actions, and Post for all others.
 */
export function takesEffect(action: Action): boolean {
  const { kernel, request } = moduleOf(action)
  return kernel !== undefined || request !== undefined
}

/** Maps that the actions of a policy share with those of others. */
export function mapsOfActions(policy: Policy): readonly MapSpec[] {
  const all = policy.hooks.flatMap(({ selectors }) =>
    selectors.flatMap((selector) => [...selector.actions, ...selector.returnActions]),
  )
  const maps = all.flatMap((action) => actionCode(action)?.maps?.(action) ?? [])
  return [...new Set(tracksSocks(policy) ? [...maps, sockOwners as MapSpec] : maps)]
}

function moduleOf<N extends ActionName>(action: Action<N>): ActionModule<N> {
  return actions[action.action]
}
