import { array, type MapSpec, withContent } from '@tetragon-ts/ebpf/maps'
import { u32 } from '@tetragon-ts/ebpf/records'
import {
  type Action,
  type Diagnostic,
  type Hook,
  type OverrideMethod,
  overrideMethods,
  type Policy,
  type PolicyDocument,
  type PolicyOptions,
} from '@tetragon-ts/policy'
import { enforcementOf } from '../actions/index.ts'
import type { HookTarget, TargetFunction } from '../hook-plans/hook-target.ts'
import type { KernelView } from '../hook-plans/kernel-view.ts'
import { type Chosen, chooseBackends, type HookInputs, type RuledOut } from './choose-backends.ts'
import type { PlannedHook } from './plan-hook.ts'

/** The map with the policy's mode; undefined if it has no enforcing action. */
export function modeMap({ hooks, options }: Policy): MapSpec | undefined {
  if (!hooks.some((hook) => enforcingActionsOf(hook).length > 0)) return undefined
  return withContent(array('tg_mode', { value: u32 }), [[0, modeValue(options.mode)]]) as MapSpec
}

/** The value of a mode in the kernel. */
export function modeValue(mode: PolicyOptions['mode']): number {
  return mode === 'enforce' ? 1 : 0
}

/** The enforcing actions of a hook that programs carry out. */
export function enforcingActionsOf({ selectors }: Hook): readonly Action[] {
  const all = selectors.flatMap(({ actions, returnActions }) => [...actions, ...returnActions])
  return all.filter((action) => enforcementOf(action))
}

/** A policy that monitors is loaded although the kernel has no means to enforce it. */
export function chooseEnforcing(
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
export function observed(target: HookTarget, functions: readonly TargetFunction[]): HookTarget {
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
export interface Nearest {
  /** Of the option override-method; undefined: no value would. */
  readonly method: 'without the option' | OverrideMethod | undefined
  /** A signal instead of a result. */
  readonly kills: boolean
}

/** Changes to the policy that would let it enforce at these functions. */
export function nearestPolicies(
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
export function notEnforceable(
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

/** The policy permits a means whose decisions can be missed. */
export function weak({ hook, plan }: PlannedHook, document: PolicyDocument): Diagnostic[] {
  const { backend, weakness } = plan
  if (weakness === undefined) return []
  const message = `decisions of ${backend} can be missed: ${weakness.text}`
  return [document.diagnose(hook.path, 'POLICY_ENFORCEMENT', message, { severity: 'warning' })]
}
