import type { OverrideMethod } from '@tetragon-ts/policy'
import { byPolicy, type Refusal } from '../hook/refusal.ts'
import { type HookTarget, isFunction } from '../hook-plans/hook-target.ts'

// Means that do not see every hit: a policy must name them in the option override-method.

/** Why such a means is not for a target, whether or not the policy names it; undefined if it is. */
export function notForTarget(name: OverrideMethod, target: HookTarget): Refusal | undefined {
  const { method, exact } = target
  if (method !== undefined && method !== name) return byPolicy(`the policy requires ${method}`)
  if (!isFunction(target)) return byPolicy('only for functions')
  if (exact) return byPolicy('the policy requires the function itself (option exact-hooks)')
  return undefined
}

/** Why a policy that does not name the means cannot use it; undefined if it names it. */
export function notPermitted(
  name: OverrideMethod,
  { method }: HookTarget,
  weakness: string,
): Refusal | undefined {
  if (method === name) return undefined
  return byPolicy(`${weakness}; to permit that, set override-method to ${name}`)
}
