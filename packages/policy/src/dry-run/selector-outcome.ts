import type { Hook, Policy, Selector } from '../model/index.ts'
import { argumentConditions } from './argument-conditions.ts'
import { processConditions } from './process-conditions.ts'
import type { RecordedCall, RecordedCondition } from './recorded-call.ts'
import { workloadCondition } from './workload-condition.ts'

/** What a hook does at a call: the actions of the selector that matches, nothing, or unknown. */
export type Outcome =
  | { readonly kind: 'hit'; readonly actions: readonly string[] }
  | { readonly kind: 'miss' }
  | { readonly kind: 'undecided'; readonly because: RecordedCondition }

const miss: Outcome = { kind: 'miss' }

interface CompiledSelector {
  readonly conditions: readonly RecordedCondition[]
  readonly actions: readonly string[]
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
      ? [{ conditions: [ofPolicy], actions: ['Post'] }]
      : hook.selectors.map((selector) => compileSelector(selector, hook, policy, ofPolicy))
  const conditions = all.flatMap((selector) => selector.conditions)
  return {
    assumptions: conditions.flatMap(({ assumes }) => assumes ?? []),
    outcome: (call) => firstMatch(all, call),
  }
}

function firstMatch(selectors: readonly CompiledSelector[], call: RecordedCall): Outcome {
  for (const { conditions, actions } of selectors) {
    const truths = conditions.map((condition) => condition.test(call))
    if (truths.includes(false)) continue
    const unknown = truths.indexOf(undefined)
    // If it matches, the selectors after it do not count.
    if (unknown >= 0) return { kind: 'undecided', because: conditions[unknown] }
    return { kind: 'hit', actions }
  }
  return miss
}

function compileSelector(
  selector: Selector,
  hook: Hook,
  policy: Policy,
  ofPolicy: RecordedCondition,
): CompiledSelector {
  const { args, data, returnArgs, actions, returnActions } = selector
  const names = [...actions, ...returnActions].map(({ action }) => action)
  return {
    conditions: [
      ofPolicy,
      ...processConditions(selector),
      ...argumentConditions(args, 'args', hook, policy),
      ...argumentConditions(data, 'data', hook, policy),
      ...argumentConditions(returnArgs, 'result', hook, policy),
    ],
    actions: names.length > 0 ? names : ['Post'],
  }
}
