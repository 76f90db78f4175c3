import { type FieldType, type RecordType, record, tail, u64 } from '@tetragon-ts/ebpf/records'
import type { Action, Argument, ArgumentTypeName, Hook } from '@tetragon-ts/policy'
import {
  hookHeader,
  recordEnforcement,
  recordOwner,
  recordRefusal,
  recordWorkload,
} from '@tetragon-ts/sensors/records/hook'
import type { EnforcementDetails } from '../actions/action.ts'
import { enforcementOf, takesEffect, userRequests } from '../actions/index.ts'
import type { UserRequest } from '../actions/requests.ts'
import { stackField } from '../actions/stacks.ts'
import { argumentType } from '../arguments/index.ts'
import { sectionOf } from '../sections/index.ts'
import type { EventHead, HookEvent } from '../sections/section.ts'
import {
  matchSelection,
  policySelection,
  type WorkloadSelection,
} from '../workloads/workload-sets.ts'
import type { PlannedHook } from './plan-hook.ts'
import type { RecordExtras } from './record-extras.ts'

/** A value of a hook's record: `a0` of `args`, `d0` of `data`, `r` the result. */
export type ValueName = `a${number}` | `d${number}` | 'r'

/** Description of an argument for the reader of events. */
export interface ArgumentDescription {
  readonly type: ArgumentTypeName
  readonly label: string
  /** Whether it has a member path: then one of the steps may fail. */
  readonly resolved: boolean
}

/** The arguments of a hook, its items of data and its return value. */
interface DescribedValues {
  readonly args: readonly ArgumentDescription[]
  readonly data: readonly ArgumentDescription[]
  readonly result?: ArgumentDescription | undefined
}

/** The parts of a record for named values. */
export type ValueTypes = readonly {
  readonly name: ValueName
  readonly type: ArgumentTypeName
  readonly resolved: boolean
}[]

/** A record of an entry without optional parts. */
export const noExtras: RecordExtras = {
  owner: false,
  stacks: [],
  imaHash: false,
  workload: false,
  enforcement: false,
  refusal: false,
}

/** Extras of the records of a return. */
export function returnExtras({ enforcement }: RecordExtras): RecordExtras {
  return { ...noExtras, enforcement }
}

/** The record of a hook: header, fixed parts of the values, tails in the order of the values. */
export function hookRecord(values: ValueTypes, extras: RecordExtras = noExtras): RecordType {
  const fixed: Record<string, FieldType> = {
    ...(extras.owner && { owner: recordOwner }),
    ...(extras.workload && { workload: recordWorkload }),
    ...(extras.enforcement && { enforcement: recordEnforcement }),
    ...(extras.refusal && { refusal: recordRefusal }),
  }
  const tails: Record<string, typeof tail> = {}
  for (const { name, type, resolved } of values) {
    const { shape, tailMax } = argumentType(type)
    if (resolved) fixed[stepField(name)] = u64
    if (Object.keys(shape).length > 0) fixed[name] = record(name, shape)
    if (tailMax > 0) tails[`${name}_tail`] = tail
  }
  for (const kind of extras.stacks) tails[stackField(kind)] = tail
  if (extras.imaHash) tails.ima_hash = tail
  return record('hook', { ...hookHeader, ...fixed, ...tails })
}

/** Field with a bit for each step of the member path whose address could not be read. */
export function stepField(name: ValueName): string {
  return `${name}_step`
}

/** The parts of a record for named values. */
export function valueTypes(
  { args, data, result }: DescribedValues,
  names: readonly ValueName[],
): ValueTypes {
  return names.map((name) => {
    const position = Number(name.slice(1))
    const value = name === 'r' ? result : (name[0] === 'a' ? args : data)[position]
    return { name, type: value?.type ?? 'nop', resolved: value?.resolved ?? false }
  })
}

/** The argument, item of data or return value with this name. */
export function argumentOf({ args, data, returnArg }: Hook, name: ValueName): Argument {
  if (name !== 'r') return (name[0] === 'a' ? args : data)[Number(name.slice(1))]
  if (!returnArg) throw new RangeError('a result that is not read')
  return returnArg
}

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
