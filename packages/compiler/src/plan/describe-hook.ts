import type { Action } from '@tetragon-ts/policy'
import { enforcementOf, takesEffect, userRequests } from '../actions/index.ts'
import { sectionOf } from '../sections/index.ts'
import {
  matchSelection,
  policySelection,
  type WorkloadSelection,
} from '../workloads/workload-sets.ts'
import {
  describeArgument,
  type EnforcementDescription,
  type HookDescription,
  type HookWorkloads,
} from './hook-description.ts'
import type { PlannedHook } from './plan-hook.ts'

/** Description of a hook for the reader of events. */
export function describeHook(planned: PlannedHook): HookDescription {
  const { hook, scope, id, functions, extras, enter, leave, returns, rereads } = planned
  const { message, tags, args, data, selectors, returnArg } = hook
  const section = sectionOf(hook)
  return {
    ...{ id, event: section.event, policyName: scope.policy.name, functions },
    heads: functions.map((name, i) => section.head(hook, name, planned.plan, i)),
    ...{ message, tags },
    args: args.map(describeArgument),
    data: data.map(describeArgument),
    result: returnArg && describeArgument(returnArg),
    actions: selectors.length === 0 ? ['Post'] : selectors.map((s) => lastAction(s.actions)),
    returnActions: selectors.map((s) => lastAction(s.returnActions)),
    enforcedActions: selectors.map((s) => lastAction(s.actions, true)),
    enforcedReturnActions: selectors.map((s) => lastAction(s.returnActions, true)),
    enforcements: selectors.map((s) => describeEnforcement(s.actions, planned)),
    returnEnforcements: selectors.map((s) => describeEnforcement(s.returnActions, planned)),
    requests: selectors.map((s) => userRequests(s.actions)),
    returnRequests: selectors.map((s) => userRequests(s.returnActions)),
    ...{ extras, enter, leave, returns, rereads },
    returnMatters: selectors.map(({ returnArgs }) => returnArgs.length > 0),
    workloads: extras.workload ? describeWorkloads(planned) : undefined,
  }
}

/** What decides about hits of uncertain workloads. */
function describeWorkloads({ hook: { selectors }, scope, returns }: PlannedHook): HookWorkloads {
  const { policy, workloads } = scope
  const numberOf = (selection: WorkloadSelection | undefined): number | undefined =>
    selection && workloads.get(selection).number
  return {
    policy: numberOf(policySelection(policy)?.selection),
    selectors: selectors.map((each) => numberOf(matchSelection(each.workloads))),
    noPost: selectors.map(({ actions }) => actions.some(({ action }) => action === 'NoPost')),
    countsAtReturn: selectors.map(
      ({ returnArgs, returnActions }) => returns && returnArgs.length + returnActions.length > 0,
    ),
  }
}

function describeEnforcement(
  actions: readonly Action[],
  planned: PlannedHook,
): readonly EnforcementDescription[] {
  return actions.flatMap((action) => {
    const details = enforcementOf(action)?.details(action)
    if (!details) return []
    const [means, isFinal] = [planned.meansShown(action), planned.means(action)?.isFinal]
    return [{ action: action.action, means, ...(isFinal && { isFinal }), ...details }]
  })
}

/** The action that an event reports: the last one that was executed. */
function lastAction(actions: readonly Action[], enforced = false): string {
  const isExecuted = (action: Action): boolean =>
    takesEffect(action) || (enforced && enforcementOf(action) !== undefined)
  return actions.findLast(isExecuted)?.action ?? 'Post'
}
