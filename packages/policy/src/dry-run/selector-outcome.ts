import type { Hook, Policy, Selector } from '../model/index.ts'
import { argumentConditions } from './argument-conditions.ts'
import { noLinks, processConditions } from './process-conditions.ts'
import type { RecordedCall, RecordedCondition } from './recorded-call.ts'
import { execPlaces, hasAddresses, placesOf } from './recorded-hook.ts'
import { workloadCondition } from './workload-condition.ts'

/**
 * What a hook does at a call: the actions of the selector that matches, nothing, or unknown.
 * `selector` is its path in the policy; that of the hook if the hook has none.
 */
export type Outcome =
  | { readonly kind: 'hit'; readonly selector: string; readonly actions: readonly string[] }
  | { readonly kind: 'miss' }
  | { readonly kind: 'undecided'; readonly because: RecordedCondition }

const miss: Outcome = { kind: 'miss' }

interface CompiledSelector {
  /** In the policy. */
  readonly path: string
  /** They choose the selector. */
  readonly conditions: readonly RecordedCondition[]
  /** They decide about the event, and about the actions at the return. */
  readonly atReturn: readonly RecordedCondition[]
  readonly actions: readonly string[]
  readonly returnActions: readonly string[]
}

/** A hook that is tried on recorded calls. */
export interface CompiledHook {
  /** What its conditions assume. */
  readonly assumptions: readonly string[]
  outcome(call: RecordedCall): Outcome
}

/** Compiles a hook: the first selector that matches counts. */
export function compileHook(hook: Hook, policy: Policy): CompiledHook {
  const path = (policy.podSelector ?? policy.containerSelector ?? policy.hostSelector)?.path
  const ofPolicy = workloadCondition({ path: path ?? 'spec', ...policy }, policy.namespace)
  const all: readonly CompiledSelector[] =
    hook.selectors.length === 0
      ? [
          {
            path: hook.path,
            conditions: [ofPolicy, ...addressConditions(hook)],
            atReturn: [],
            actions: [],
            returnActions: [],
          },
        ]
      : hook.selectors.map((selector) => compileSelector(selector, hook, policy, ofPolicy))
  const conditions = all.flatMap((selector) => selector.conditions)
  return {
    assumptions: [
      ...conditions.flatMap(({ assumes }) => assumes ?? []),
      ...(execPlaces.some(placesOf(hook, policy)) ? [noLinks] : []),
    ],
    outcome: (call) => firstMatch(all, call),
  }
}

function firstMatch(selectors: readonly CompiledSelector[], call: RecordedCall): Outcome {
  for (const selector of selectors) {
    const { conditions } = selector
    const truths = conditions.map((condition) => condition.test(call))
    if (truths.includes(false)) continue
    const unknown = truths.indexOf(undefined)
    // If it matches, the selectors after it do not count.
    if (unknown >= 0) return { kind: 'undecided', because: conditions[unknown] }
    return outcomeOf(selector, call, selector === selectors.at(-1))
  }
  return miss
}

/** What the selector that was chosen does. */
function outcomeOf(selector: CompiledSelector, call: RecordedCall, isLast: boolean): Outcome {
  const { path, atReturn, actions, returnActions } = selector
  const truths = atReturn.map((condition) => condition.test(call))
  if (truths.includes(false)) {
    // Only the event depends on the result.
    const executed = actions.filter((name) => name !== 'Post' && name !== 'NoPost')
    if (executed.length > 0) return { kind: 'hit', selector: path, actions: executed }
    // Where arguments last until the return, the next selector is tried.
    return isLast ? miss : { kind: 'undecided', because: atReturn[truths.indexOf(false)] }
  }
  const unknown = truths.indexOf(undefined)
  if (unknown >= 0) return { kind: 'undecided', because: atReturn[unknown] }
  const all = [...actions, ...returnActions]
  return { kind: 'hit', selector: path, actions: all.length > 0 ? all : ['Post'] }
}

/** Whether the call is at one of the hook's addresses, which events never decide. */
function addressConditions(hook: Hook): readonly RecordedCondition[] {
  if (!hasAddresses(hook)) return []
  return [{ path: `${hook.path}.addrs`, needs: 'the address of the probe', test: () => undefined }]
}

function compileSelector(
  selector: Selector,
  hook: Hook,
  policy: Policy,
  ofPolicy: RecordedCondition,
): CompiledSelector {
  const { path, args, data, expressions, returnArgs, actions, returnActions } = selector
  return {
    path,
    conditions: [
      ofPolicy,
      ...processConditions(selector),
      ...argumentConditions(args, 'args', hook, policy),
      ...argumentConditions(data, 'data', hook, policy),
      ...argumentConditions(expressions, 'args', hook, policy),
      ...addressConditions(hook),
    ],
    atReturn: argumentConditions(returnArgs, 'result', hook, policy),
    actions: actions.map(({ action }) => action),
    returnActions: returnActions.map(({ action }) => action),
  }
}
