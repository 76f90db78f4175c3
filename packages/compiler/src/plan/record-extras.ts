import type { Btf } from '@tetragon-ts/ebpf/btf'
import type { Action, Hook, Policy } from '@tetragon-ts/policy'
import { selectorsWithHash } from '../actions/ima-hash.ts'
import { enforcementOf } from '../actions/index.ts'
import { mayReadStacks, type StackKind, selectorsWithStack, stackKinds } from '../actions/stacks.ts'
import type { HookPlan } from '../hook-plans/hook-plan.ts'
import { selectsWorkloads } from '../workloads/workload-sets.ts'
import type { RecordExtras } from './hook-description.ts'

/** What the records of a hook depend on besides the hook. */
export interface ExtrasInputs {
  readonly policy: Policy
  readonly tracksSocks: boolean
  readonly plan: Pick<HookPlan, 'enter' | 'marks' | 'sleepable'>
  readonly btf: Btf
  /** Whether decisions wait for the function's return. */
  readonly waits: boolean
}

/** The optional parts of the entry's record. */
export function recordExtras(hook: Hook, inputs: ExtrasInputs): RecordExtras {
  const { policy, tracksSocks, plan } = inputs
  const actions = hook.selectors.flatMap(({ actions, returnActions }) => [
    ...actions,
    ...returnActions,
  ])
  return {
    owner: tracksSocks,
    stacks: readsStacks(inputs) ? wantedStacks(hook) : [],
    imaHash: plan.sleepable === true && selectorsWithHash(hook).length > 0,
    workload: selectsWorkloads(hook, policy),
    enforcement: actions.some((action) => enforcementOf(action)),
    refusal: countsRefusals(hook, actions, inputs),
  }
}

/** Whether a selector requests stacks that programs at this hook cannot read. */
export function lacksStacks(hook: Hook, inputs: Pick<ExtrasInputs, 'plan' | 'btf'>): boolean {
  return wantedStacks(hook).length > 0 && !readsStacks(inputs)
}

function wantedStacks(hook: Hook): readonly StackKind[] {
  return stackKinds.filter((kind) => selectorsWithStack(hook, kind).length > 0)
}

function readsStacks({ plan, btf }: Pick<ExtrasInputs, 'plan' | 'btf'>): boolean {
  // Those of the thread that runs the programs are of no use.
  if (plan.marks) return false
  return plan.enter.every(({ hook }) => mayReadStacks(hook.resolve(btf).programType))
}

/** Whether refusals that equal others are counted: the process may repeat them without end. */
function countsRefusals(
  hook: Hook,
  actions: readonly Action[],
  { policy, waits }: ExtrasInputs,
): boolean {
  if (policy.options.equalRefusals === 'post' || hook.isEnforcer) return false
  return !waits && actions.some(isRefusing)
}

/** Whether an action makes a call fail, so that its process can go on. */
function isRefusing(action: Action): boolean {
  const { counter, details } = enforcementOf(action) ?? {}
  return counter === 'override' || details?.(action).error !== undefined
}
