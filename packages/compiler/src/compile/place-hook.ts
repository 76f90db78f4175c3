import type { Diagnostic, Hook, PolicyDocument } from '@tetragon-ts/policy'
import { notHookable } from '../checks/hook-problems.ts'
import type { TargetFunction } from '../hook-plans/hook-target.ts'
import type { KernelView } from '../hook-plans/kernel-view.ts'
import {
  type Attempt,
  type Chosen,
  chooseBackends,
  hookInputs,
  type RuledOut,
} from '../plan/choose-backends.ts'
import {
  chooseEnforcing,
  nearestPolicies,
  notEnforceable,
  observed,
} from '../plan/plan-enforcement.ts'
import { targetOfHook } from '../plan/target-of-hook.ts'

/** Where a hook's programs are attached. */
export interface PlacedHook {
  /** Functions by their back end; some may have none. */
  readonly groups: readonly Chosen[]
  /** An error if functions have none, with the nearest policy that would work. */
  readonly diagnostics: readonly Diagnostic[]
  /** Back ends that failed, for functions that have none. */
  readonly refused: readonly Attempt[]
}

/** Chooses the back ends of a hook's functions. @param functions at least one */
export function placeHook(
  hook: Hook,
  functions: readonly TargetFunction[],
  document: PolicyDocument,
  kernel: KernelView,
  ruledOut: RuledOut,
): PlacedHook {
  const { policy } = document
  const target = targetOfHook(hook, functions, policy, kernel.btf)
  const wanted = hookInputs(hook)
  const groups = chooseEnforcing(target, wanted, kernel, ruledOut, policy.options)
  const unreached = groups.filter(({ plan }) => !plan)
  if (unreached.length === 0) return { groups, diagnostics: [], refused: [] }
  const missed = unreached.flatMap((group) => group.functions)
  const observing = chooseBackends(observed(target, missed), wanted, kernel, ruledOut)
  const isRefused = target.enforces.length > 0 && observing.every(({ plan }) => plan)
  const nearest = nearestPolicies(target, missed, wanted, kernel, ruledOut)
  const problem = isRefused
    ? notEnforceable(hook, document, unreached, nearest)
    : notHookable(hook, document, unreached)
  const refused = unreached.flatMap(({ attempts }) => attempts)
  return { groups, diagnostics: [problem], refused }
}
