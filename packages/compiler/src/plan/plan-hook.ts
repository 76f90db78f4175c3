import type { Code } from '@tetragon-ts/ebpf/lang'
import type { RecordType } from '@tetragon-ts/ebpf/records'
import type {
  Action,
  ActionName,
  Argument,
  ArgumentMatch,
  Hook,
  Selector,
} from '@tetragon-ts/policy'
import { countLoss } from '@tetragon-ts/sensors/kernel/loss'
import type { RingUse } from '@tetragon-ts/sensors/kernel/ring-share'
import { meansFor } from '../actions/enforce.ts'
import { actionCode, enforcementOf } from '../actions/index.ts'
import { argumentType } from '../arguments/index.ts'
import { type HookContext, policyPosition } from '../hook/hook-context.ts'
import { isRefusal } from '../hook/refusal.ts'
import type { Scratch } from '../hook/scratch.ts'
import type { HookPlan, Placement } from '../hook-plans/hook-plan.ts'
import { setsOf } from '../matchers/index.ts'
import type { Means } from '../means/means.ts'
import { UncertainWorkloads } from '../workloads/uncertain-workloads.ts'
import {
  argumentOf,
  describeArgument,
  hookRecord,
  type RecordExtras,
  returnExtras,
  type ValueName,
  valueTypes,
} from './hook-description.ts'
import type { PolicyScope } from './policy-scope.ts'
import { lacksStacks, recordExtras } from './record-extras.ts'
import { rereadValues, savedParameters } from './reread-values.ts'
import { UndecidedWord } from './undecided.ts'
import { undecidedCallsMap } from './undecided-calls.ts'

/** A test of a selector, with its values. */
export interface ValueMatch {
  readonly match: ArgumentMatch
  readonly values: readonly ValueName[]
}

/**
 * Tests of a selector on the values of the entry's record.
 * @param isOnlyAtReturn whether that record is sent at the return, and has the result
 */
export function valueMatches(
  { args, data, expressions, returnArgs }: Selector,
  isOnlyAtReturn: boolean,
): readonly ValueMatch[] {
  const ofResult = isOnlyAtReturn ? returnArgs : []
  return [
    ...args.map((match) => ({ match, values: match.positions.map((i) => `a${i}` as const) })),
    ...data.map((match) => ({ match, values: match.positions.map((i) => `d${i}` as const) })),
    ...expressions.map((match) => ({
      match,
      values: [
        ...match.positions.map((i) => `a${i}` as const),
        ...match.dataPositions.map((i) => `d${i}` as const),
      ],
    })),
    ...ofResult.map((match) => ({ match, values: ['r' as const] })),
  ]
}

/** Whether all values of a test are in registers. */
export function isCheap(hook: Hook, { values }: ValueMatch): boolean {
  return values.every((name) => !argumentType(argumentOf(hook, name).type).costly)
}

/** The values of a hook's records, in the order in which its programs read them. */
export interface ReadOrder {
  /** Of the entry: those that tests and actions use, before a selector is known to match. */
  readonly matchedFirst: readonly ValueName[]
  /** All values of the entry's record, those first. */
  readonly enter: readonly ValueName[]
  /** Values of the return's record; none if there is one record. */
  readonly leave: readonly ValueName[]
}

/** The values of a hook: those that are known at the entry, and those of the return. */
function valuesOf({ args, data, returnArg }: Hook): {
  readonly entry: readonly ValueName[]
  readonly late: readonly ValueName[]
} {
  const entry: readonly ValueName[] = [
    ...args.flatMap((argument, i) => (argument.returnCopy ? [] : [`a${i}` as const])),
    ...data.map((_, i) => `d${i}` as const),
  ]
  const copied = args.flatMap((argument, i) => (argument.returnCopy ? [`a${i}` as const] : []))
  return { entry, late: returnArg ? [...copied, 'r'] : copied }
}

/**
 * Whether one program at the return, with one record, is enough: the parameters are still available
 * there and unchanged.
 * @param followsFiles whether the policy follows files: then descriptors show followed paths
 */
export function isOnlyAtReturn(
  hook: Hook,
  { leave, parametersAtReturn }: Pick<HookPlan, 'leave' | 'parametersAtReturn'>,
  followsFiles: boolean,
): boolean {
  const { entry, late } = valuesOf(hook)
  return (
    late.length > 0 &&
    leave.length > 0 &&
    parametersAtReturn === true &&
    // Enforcing actions at the entry do not wait for the return.
    !hook.selectors.some(({ actions }) => actions.some((action) => enforcementOf(action))) &&
    entry.every((name) => lasts(argumentOf(hook, name), followsFiles))
  )
}

/** Whether an argument is unchanged at the function's return. */
function lasts({ type, resolve, source }: Argument, followsFiles: boolean): boolean {
  if (resolve.length > 0 || source !== undefined) return false
  return type === 'fd' ? followsFiles : argumentType(type).lasts === true
}

/** The actions that the program at the entry executes. */
export function actionsAtEntry(
  { actions, returnActions }: Selector,
  onlyAtReturn: boolean,
): readonly Action[] {
  return onlyAtReturn ? [...actions, ...returnActions] : actions
}

/**
 * Orders the values of a hook.
 * @param onlyAtReturn whether one program at the return reads all
 */
export function readOrder(hook: Hook, onlyAtReturn: boolean): ReadOrder {
  const { entry, late } = valuesOf(hook)
  const matched = new Set<ValueName>(
    hook.selectors.flatMap((selector) => [
      ...valueMatches(selector, onlyAtReturn)
        .filter((match) => !isCheap(hook, match))
        .flatMap(({ values }) => values),
      ...actionsAtEntry(selector, onlyAtReturn).flatMap((action) =>
        (actionCode(action)?.uses(action, hook) ?? []).map((i) => `a${i}` as const),
      ),
    ]),
  )
  // Tested early: a descriptor that is not followed ends the program.
  const all = onlyAtReturn ? [...entry, ...late] : entry
  const isEarly = (name: ValueName): boolean =>
    argumentOf(hook, name).type === 'fd' || matched.has(name)
  const matchedFirst = all.filter(isEarly)
  return {
    matchedFirst,
    enter: [...matchedFirst, ...all.filter((name) => !isEarly(name))],
    leave: onlyAtReturn ? [] : late,
  }
}

/** The complete plan of a hook, from which its programs are built. */
export class PlannedHook {
  readonly scope: PolicyScope
  readonly hook: Hook
  readonly plan: HookPlan
  readonly id: number
  /** Names by function index; sparse. */
  readonly functions: readonly string[]
  readonly programName: string
  /** Arguments that matchers and actions use, in read order. */
  readonly matchedFirst: readonly ValueName[]
  /**
   * One program at the return, with one record: the parameters are still available there and
   * unchanged.
   */
  readonly onlyAtReturn: boolean
  /** All values of the entry's record, those first. */
  readonly enter: readonly ValueName[]
  readonly leave: readonly ValueName[]
  /** Values that the return's program reads again if they were unreadable at the entry. */
  readonly rereads: readonly ValueName[]
  /** How waiting calls are stored, and how many there are. */
  readonly undecided: UndecidedWord
  readonly undecidedCalls = undecidedCallsMap()
  readonly extras: RecordExtras
  readonly record: RecordType
  readonly returnRecord: RecordType
  /** The values that were read again. */
  readonly decisionRecord: RecordType

  constructor(scope: PolicyScope, hook: Hook, plan: HookPlan, id: number) {
    this.scope = scope
    this.hook = hook
    this.plan = plan
    this.id = id
    this.functions = plan.functionNames
    const name = plan.functionNames.find((each) => each !== undefined) ?? hook.call
    this.programName = `tg_${name.replaceAll(/\W/g, '_')}`.slice(0, 15)
    // Known before any program is built: these are loaded first.
    for (const set of hook.selectors.flatMap(setsOf)) scope.processSets.get(set)
    this.onlyAtReturn = isOnlyAtReturn(hook, plan, scope.followsFiles)
    const { matchedFirst, enter, leave } = readOrder(hook, this.onlyAtReturn)
    this.matchedFirst = matchedFirst
    this.enter = enter
    this.leave = leave
    const tested = hook.selectors.flatMap((selector) => this.matchesOf(selector))
    this.rereads =
      this.onlyAtReturn || plan.resultDecides
        ? []
        : rereadValues(hook, plan, new Set(tested.flatMap(({ values }) => values)), (values) =>
            savedParameters(hook, values, scope.btf),
          )
    this.undecided = new UndecidedWord(this.rereads.length, hook.selectors.length)
    const { args, data, returnArg } = hook
    const described = {
      args: args.map(describeArgument),
      data: data.map(describeArgument),
      result: returnArg && describeArgument(returnArg),
    }
    this.extras = recordExtras(hook, {
      policy: scope.policy,
      tracksSocks: scope.tracksSocks,
      plan,
      btf: scope.btf,
      waits: this.returns || this.rereads.length > 0,
    })
    this.record = hookRecord(valueTypes(described, this.enter), this.extras)
    const extras = returnExtras(this.extras)
    this.returnRecord = hookRecord(valueTypes(described, this.leave), extras)
    this.decisionRecord = hookRecord(valueTypes(described, this.rereads), extras)
  }

  /** Tests of a selector on the values of the entry's record. */
  matchesOf(selector: Selector): readonly ValueMatch[] {
    return valueMatches(selector, this.onlyAtReturn)
  }

  /** Whether a selector requests stacks that its programs cannot read. */
  get lacksStacks(): boolean {
    return lacksStacks(this.hook, { plan: this.plan, btf: this.scope.btf })
  }

  /** Whether events include the return value, read by a separate program. */
  get returns(): boolean {
    return this.plan.leave.length > 0 && this.leave.length > 0
  }

  /** Whether the return decides about the events of a selector. */
  decidesAtReturn({ returnArgs, returnActions }: Selector): boolean {
    return this.returns && returnArgs.length + returnActions.length > 0
  }

  /** Hooks of the function's return; none if it is not needed. */
  get returnPlacements(): readonly Placement[] {
    const { leave, late = [] } = this.plan
    if (!this.returns && this.rereads.length === 0) return []
    return leave.length > 0 ? leave : late
  }

  /** Whether an action can suppress the event. */
  get suppresses(): boolean {
    return this.suppressing(
      this.hook.selectors.flatMap((selector) => actionsAtEntry(selector, this.onlyAtReturn)),
    )
  }

  /** Whether one of these can suppress the event. */
  suppressing(actions: readonly Action[]): boolean {
    return actions.some((action) => actionCode(action)?.suppresses(action))
  }

  /** Whether an action can have no effect. */
  get idles(): boolean {
    return this.#actions().some((action) => actionCode(action)?.idles)
  }

  /** The means that carries out an enforcing action; undefined if there is none. */
  means<N extends ActionName>(action: Action<N>): Means<N> | undefined {
    const enforcement = enforcementOf(action)
    const means = enforcement && meansFor(action, enforcement, this.plan, this.scope)
    return means && !isRefusal(means) ? means : undefined
  }

  /** The means of an action in events. */
  meansShown(action: Action): string | undefined {
    const { plannedFor, weakness } = this.plan
    const name = this.means(action)?.name
    return weakness !== undefined && name === plannedFor ? `${name} (${weakness.short})` : name
  }

  /** Whether its programs can carry out all of its enforcing actions. */
  get canEnforce(): boolean {
    return this.#actions().every((action) => !enforcementOf(action) || this.means(action))
  }

  /** Whether actions need memory besides the record. */
  get needsScratch(): boolean {
    return this.#actions().some((action) => actionCode(action)?.needsScratch)
  }

  /** Whether all values of a test are in registers. */
  isCheap(match: ValueMatch): boolean {
    return isCheap(this.hook, match)
  }

  /** The value of a test that is read last. */
  lastRead({ values }: ValueMatch): ValueName {
    const order = values.map((name) => this.matchedFirst.indexOf(name))
    return this.matchedFirst[Math.max(...order)]
  }

  /** The argument, item of data or return value with this name. */
  argument(name: ValueName): Argument {
    return argumentOf(this.hook, name)
  }

  /** Parameters that are read when the function returns. */
  get savedParameters(): readonly number[] {
    return savedParameters(this.hook, this.rereads, this.scope.btf)
  }

  /** What its records may use of the ring. */
  get ringUse(): RingUse {
    const share = this.extras.enforcement ? 'enforcement' : 'hook'
    return { size: this.scope.ringSize, share }
  }

  /** Context of its programs. */
  context(k: Code, scratch: Scratch): HookContext {
    const { policy, document, policyId, processSets, workloads, followsFiles } = this.scope
    const { hostNamespace, agent, hierarchy, mode, limit, notifications } = this.scope
    const { tracksSocks, fileSets } = this.scope
    return {
      k,
      policy,
      document,
      policyId,
      processSets,
      workloads,
      hostNamespace,
      hierarchy,
      agent,
      ring: this.ringUse,
      hookId: this.id,
      mode,
      limit,
      notifications,
      fileSets,
      hookIndex: policy.hooks.findIndex(({ path }) => path === this.hook.path),
      uncertain: new UncertainWorkloads(k, this.hook),
      followsFiles,
      tracksSocks,
      scratch: (size, shared) => scratch.take(size, shared),
      countLoss: (kind) => countLoss(k, kind),
      at: (path, body) => k.at(policyPosition(document, path), body),
      atInSteps: (path, body) => k.atInSteps(policyPosition(document, path), body),
    }
  }

  #actions(): readonly Action[] {
    return this.hook.selectors.flatMap(({ actions, returnActions }) => [
      ...actions,
      ...returnActions,
    ])
  }
}
