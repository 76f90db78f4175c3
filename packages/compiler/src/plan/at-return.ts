import type { Argument, Hook } from '@tetragon-ts/policy'
import { enforcementOf } from '../actions/index.ts'
import { argumentType } from '../arguments/index.ts'
import type { HookPlan } from '../hook-plans/hook-plan.ts'
import { argumentOf } from './hook-record.ts'
import { valuesOf } from './read-order.ts'

/**
 * Whether one program at the return, with one record, is enough: the parameters are still available
 * there and unchanged.
 * @param followsFiles whether the policy follows files: then descriptors show followed paths
 */
export function isOnlyAtReturn(
  hook: Hook,
  { leave, parametersAtReturn }: Pick<HookPlan, 'leave' | 'parametersAtReturn'>,
  followsFiles: boolean,
): boolean {
  const { entry, late } = valuesOf(hook)
  return (
    late.length > 0 &&
    leave.length > 0 &&
    parametersAtReturn === true &&
    // Enforcing actions at the entry do not wait for the return.
    !hook.selectors.some(({ actions }) => actions.some((action) => enforcementOf(action))) &&
    entry.every((name) => lasts(argumentOf(hook, name), followsFiles))
  )
}

/** Whether an argument is unchanged at the function's return. */
function lasts({ type, resolve, source }: Argument, followsFiles: boolean): boolean {
  if (resolve.length > 0 || source !== undefined) return false
  return type === 'fd' ? followsFiles : argumentType(type).lasts === true
}
