import type { Action, Argument } from '@tetragon-ts/policy'
import type { EnforcementDetails } from '../actions/action.ts'
import { enforcementOf, takesEffect, userRequests } from '../actions/index.ts'
import type { UserRequest } from '../actions/requests.ts'
import { sectionOf } from '../sections/index.ts'
import type { EventHead, HookEvent } from '../sections/section.ts'
import {
  matchSelection,
  policySelection,
  type WorkloadSelection,
} from '../workloads/workload-sets.ts'
import type { ArgumentDescription, RecordExtras, ValueName } from './hook-record.ts'
import type { PlannedHook } from './plan-hook.ts'

/** Description of a hook for the reader of events. Plain data, sent to another thread. */
export interface HookDescription {
  readonly id: number
  readonly event: HookEvent
  readonly policyName: string
  /** Whether only events with findings of detection rules are exported. */
  readonly onlyFindings: boolean
  /** Names by function index, as the API shows them, or `subsystem/event`. */
  readonly functions: readonly string[]
  /** The first fields of events, by function index. */
  readonly heads: readonly EventHead[]
  readonly message: string
  readonly tags: readonly string[]
  readonly args: readonly ArgumentDescription[]
  readonly data: readonly ArgumentDescription[]
  readonly result?: ArgumentDescription | undefined
  /** Name of the action that posted, by selector; a hook without selectors has one entry. */
  readonly actions: readonly string[]
  /** The same for the function's return. */
  readonly returnActions: readonly string[]
  /** The same for hits whose enforcing actions were executed. */
  readonly enforcedActions: readonly string[]
  readonly enforcedReturnActions: readonly string[]
  /** Enforcing actions, by selector. */
  readonly enforcements: readonly (readonly EnforcementDescription[])[]
  readonly returnEnforcements: readonly (readonly EnforcementDescription[])[]
  /** Requests to user space when an event of a selector is posted. */
  readonly requests: readonly (readonly UserRequest[])[]
  /** The same for `matchReturnActions`. */
  readonly returnRequests: readonly (readonly UserRequest[])[]
  readonly extras: RecordExtras
  /** Values of the entry's and the return's record, in the order of their tails. */
  readonly enter: readonly ValueName[]
  readonly leave: readonly ValueName[]
  /** Whether the return has its own record. */
  readonly returns: boolean
  /** Values that are read again at the return if they were unreadable at the entry. */
  readonly rereads: readonly ValueName[]
  /** By selector: whether nothing may be posted without the return value. */
  readonly returnMatters: readonly boolean[]
  /** Set if the workload decides. */
  readonly workloads?: HookWorkloads | undefined
}

/** An enforcing action, for events. */
export interface EnforcementDescription extends EnforcementDetails {
  readonly action: string
  /** The means that carries it out; undefined if the kernel has none: the policy only monitors. */
  readonly means?: string | undefined
  /** Whether no other policy sees what it refuses. */
  readonly isFinal?: boolean | undefined
}

/** How hits of uncertain workloads are decided. */
export interface HookWorkloads {
  /** Number of the set of workloads that the policy applies to; undefined: all. */
  readonly policy: number | undefined
  /** The same by selector; a hook without selectors has none. */
  readonly selectors: readonly (number | undefined)[]
  /** By selector: whether an action suppresses the event of each match. */
  readonly noPost: readonly boolean[]
  /** By selector: whether its decisions are counted at the function's return. */
  readonly countsAtReturn: readonly boolean[]
}

/** Description of an argument for the reader. */
export function describeArgument({ type, label, resolve }: Argument): ArgumentDescription {
  return { type, label, resolved: resolve.length > 0 }
}

/** Description of a hook for the reader of events. */
export function describeHook(planned: PlannedHook): HookDescription {
  const { hook, scope, id, functions, extras, enter, leave, returns, rereads } = planned
  const { message, tags, args, data, selectors, returnArg } = hook
  const section = sectionOf(hook)
  return {
    id,
    event: section.event,
    policyName: scope.policy.name,
    onlyFindings: scope.policy.options.exports === 'findings',
    functions,
    heads: functions.map((name, i) => section.head(hook, name, planned.plan, i)),
    message,
    tags,
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
    extras,
    enter,
    leave,
    returns,
    rereads,
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
