import {
  type Action,
  type Diagnostic,
  type Hook,
  type OverrideMethod,
  overrideMethods,
  type PolicyDocument,
  type PolicyOptions,
} from '@tetragon-ts/policy'
import { notHookable } from '../checks/hook-problems.ts'
import type { HookTarget, TargetFunction } from '../hook-plans/hook-target.ts'
import type { KernelView } from '../hook-plans/kernel-view.ts'
import {
  type Attempt,
  type Chosen,
  chooseBackends,
  type HookInputs,
  hookInputs,
  type RuledOut,
} from '../plan/choose-backends.ts'
import { enforcingActionsOf } from '../plan/plan-enforcement.ts'
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

/** A policy that monitors is loaded although the kernel has no means to enforce it. */
function chooseEnforcing(
  target: HookTarget,
  inputs: HookInputs,
  kernel: KernelView,
  ruledOut: RuledOut,
  { mode }: PolicyOptions,
): readonly Chosen[] {
  const groups = chooseBackends(target, inputs, kernel, ruledOut)
  if (mode === 'enforce' || target.enforces.length === 0) return groups
  return groups.flatMap((group) => {
    if (group.plan) return [group]
    return chooseBackends(observed(target, group.functions), inputs, kernel, ruledOut)
  })
}

/** The target of a policy that only observes these functions. */
function observed(target: HookTarget, functions: readonly TargetFunction[]): HookTarget {
  return { ...target, functions, enforces: [] }
}

/** The same target with a signal instead of a result. */
function killingInstead(target: HookTarget, functions: readonly TargetFunction[]): HookTarget {
  const enforces = target.enforces.map((action): Action => {
    const { path } = action
    return action.action === 'Override' ? { action: 'Sigkill', path } : action
  })
  return { ...target, functions, enforces }
}

/** Changes to a policy that would let it enforce. */
interface Nearest {
  /** Of the option override-method; undefined: no value would. */
  readonly method: 'without the option' | OverrideMethod | undefined
  /** A signal instead of a result. */
  readonly kills: boolean
}

/** Changes to the policy that would let it enforce at these functions. */
function nearestPolicies(
  target: HookTarget,
  functions: readonly TargetFunction[],
  inputs: HookInputs,
  kernel: KernelView,
  ruledOut: RuledOut,
): Nearest {
  const works = (other: HookTarget): boolean =>
    chooseBackends(other, inputs, kernel, ruledOut).every(({ plan }) => plan)
  const isWrong = target.method !== undefined && works({ ...target, functions, method: undefined })
  return {
    method: isWrong
      ? 'without the option'
      : overrideMethods.find((method) => works({ ...target, functions, method })),
    kills: works(killingInstead(target, functions)),
  }
}

/** All attempts to enforce at the first function where that is impossible. */
function notEnforceable(
  hook: Hook,
  document: PolicyDocument,
  [{ functions, attempts }]: readonly Chosen[],
  { method, kills }: Nearest,
): Diagnostic {
  const [{ action, path }] = enforcingActionsOf(hook)
  const tried = attempts.map(({ backend, reason }) => `${backend}: ${reason}`).join('; ')
  const written = hook.isEnforcer ? 'argError of NotifyEnforcer' : action
  const weaker = hook.isEnforcer ? 'argSig: 9 instead of argError' : 'the action Sigkill'
  const nearest =
    method !== undefined
      ? `the policy would load ${optionText(method)}`
      : kills
        ? `the policy would load with ${weaker}, which does not undo the operation`
        : 'it can only observe here: set policy-mode to monitor'
  const message = `cannot enforce ${written} at ${functions[0].shown}: ${tried}; ${nearest}`
  return document.diagnose(`${path}.action`, 'POLICY_ENFORCEMENT', message)
}

function optionText(method: NonNullable<Nearest['method']>): string {
  const option = 'the option override-method'
  return method === 'without the option' ? `without ${option}` : `with ${option}: ${method}`
}
