import {
  type Action,
  type ArgumentMatch,
  type Diagnostic,
  type Hook,
  type OverrideMethod,
  overrideMethods,
  type PolicyDocument,
} from '@tetragon-ts/policy'
import { lackingIma, needsHash, selectorsWithHash } from '../actions/ima-hash.ts'
import type { HookPlan } from '../hook-plans/hook-plan.ts'
import type { HookTarget } from '../hook-plans/hook-target.ts'
import type { Chosen } from '../plan/choose-backends.ts'
import { enforcingActionsOf } from '../plan/plan-enforcement.ts'
import type { PlannedHook } from '../plan/plan-hook.ts'
import { namePath } from './resolve-functions.ts'

/** All attempts for the first function without a back end. */
export function notHookable(
  hook: Hook,
  document: PolicyDocument,
  [first, ...others]: readonly Chosen[],
): Diagnostic {
  const { functions, attempts } = first
  const tried = attempts.map(({ backend, reason }) => `${backend}: ${reason}`).join('; ')
  const more = others.length > 0 ? ` and ${others.length} more functions of the list` : ''
  const message = `cannot hook ${functions[0].shown}${more}: ${tried}`
  // A back end could attach, but does not provide what the policy reads.
  const isAboutArguments = attempts.some(({ by }) => by === 'arguments')
  const code = isAboutArguments ? 'POLICY_HOOK_ARGUMENT' : 'POLICY_HOOK'
  return document.diagnose(namePath(hook), code, message)
}

/**
 * All attempts to enforce at the first function where that is impossible, and the nearest policy
 * that works there.
 */
export function notEnforceable(
  hook: Hook,
  document: PolicyDocument,
  [{ functions, attempts }]: readonly Chosen[],
  target: HookTarget,
  works: (other: HookTarget) => boolean,
): Diagnostic {
  const { method, kills } = nearestPolicies(target, works)
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

/** The same target with a signal instead of a result. */
function killingInstead(target: HookTarget): HookTarget {
  const enforces = target.enforces.map((action): Action => {
    const { path } = action
    return action.action === 'Override' ? { action: 'Sigkill', path } : action
  })
  return { ...target, enforces }
}

/** Changes to a policy that would let it enforce. */
interface Nearest {
  /** Of the option override-method; undefined: no value would. */
  readonly method: 'without the option' | OverrideMethod | undefined
  /** A signal instead of a result. */
  readonly kills: boolean
}

/** Changes to the policy that would let it enforce at these functions. */
function nearestPolicies(target: HookTarget, works: (other: HookTarget) => boolean): Nearest {
  const isWrong = target.method !== undefined && works({ ...target, method: undefined })
  return {
    method: isWrong
      ? 'without the option'
      : overrideMethods.find((method) => works({ ...target, method })),
    kills: works(killingInstead(target)),
  }
}

function optionText(method: NonNullable<Nearest['method']>): string {
  const option = 'the option override-method'
  return method === 'without the option' ? `without ${option}` : `with ${option}: ${method}`
}

/** Warnings about parts of a hook that have no effect as planned. */
export function planWarnings(planned: PlannedHook, document: PolicyDocument): Diagnostic[] {
  return [
    ...noStacks(planned, document),
    ...noHashes(planned, document),
    ...weak(planned, document),
    ...neverMatches(planned, document),
  ]
}

/** The event is posted anyway. */
function noStacks(
  { hook, plan, lacksStacks }: PlannedHook,
  document: PolicyDocument,
): Diagnostic[] {
  if (!lacksStacks) return []
  const message = `events have no stack traces: ${plan.backend} (${plan.why}) cannot read stacks`
  return [document.diagnose(hook.path, 'POLICY_IGNORED', message, { severity: 'warning' })]
}

/** The same, for each action that requests one. */
function noHashes(
  { hook, plan, extras, scope }: PlannedHook,
  document: PolicyDocument,
): Diagnostic[] {
  if (extras.imaHash) return []
  const reason =
    lackingIma(scope.btf) ??
    (extras.enforcement
      ? 'programs that enforce cannot wait for IMA'
      : `programs of ${plan.backend} (${plan.why}) cannot use IMA`)
  const message = `events have no ima_hash: ${reason}`
  return selectorsWithHash(hook).map((i) => {
    const action = hook.selectors[i].actions.find(needsHash)
    const where = `${action?.path ?? hook.path}.imaHash`
    return document.diagnose(where, 'POLICY_IGNORED', message, { severity: 'warning' })
  })
}

/** A hook with a plan whose programs see fewer values of some parameters. */
export interface NarrowedHook {
  readonly hook: Hook
  readonly plan: Pick<HookPlan, 'backend' | 'values'>
}

/** Warnings about conditions that never hold with a plan. */
export function neverMatches(
  { hook, plan }: NarrowedHook,
  document: PolicyDocument,
): readonly Diagnostic[] {
  const { values = {}, backend } = plan
  return hook.selectors.flatMap(({ args }) =>
    args.flatMap((match) => {
      const argument = hook.args[match.positions[0]]
      const isParameter = argument.source === undefined && argument.resolve.length === 0
      const seen = isParameter ? values[argument.index] : undefined
      if (seen === undefined || canHold(match, seen)) return []
      const all = seen.join(' or ')
      const message = `it never matches: argument ${argument.index} is always ${all} with ${backend}`
      return document.diagnose(`${match.path}.values`, 'POLICY_IGNORED', message, {
        severity: 'warning',
      })
    }),
  )
}

/** Whether a test holds for one of the values. */
function canHold({ test, negated }: ArgumentMatch, seen: readonly bigint[]): boolean {
  if (test.operator !== 'equal') return true
  return seen.some((value) => test.values.includes(value) !== negated)
}

/** The policy permits a means whose decisions can be missed. */
function weak({ hook, plan }: PlannedHook, document: PolicyDocument): Diagnostic[] {
  const { backend, weakness } = plan
  if (weakness === undefined) return []
  const message = `decisions of ${backend} can be missed: ${weakness.text}`
  return [document.diagnose(hook.path, 'POLICY_ENFORCEMENT', message, { severity: 'warning' })]
}
