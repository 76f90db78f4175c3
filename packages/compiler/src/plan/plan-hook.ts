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
import type { RingUse } from '@tetragon-ts/sensors/kernel/ring-share'
import { meansFor } from '../actions/enforce.ts'
import { selectorsWithHash } from '../actions/ima-hash.ts'
import { actionCode, enforcementOf } from '../actions/index.ts'
import { mayReadStacks, type StackKind, selectorsWithStack, stackKinds } from '../actions/stacks.ts'
import { argumentType } from '../arguments/index.ts'
import type { HookContext } from '../hook/hook-context.ts'
import { isRefusal } from '../hook/refusal.ts'
import type { Scratch } from '../hook/scratch.ts'
import type { HookPlan, Placement } from '../hook-plans/hook-plan.ts'
import { setsOf } from '../matchers/index.ts'
import type { Means } from '../means/means.ts'
import { selectsWorkloads } from '../workloads/workload-sets.ts'
import { describeArgument } from './hook-description.ts'
import {
  argumentOf,
  hookRecord,
  type RecordExtras,
  returnExtras,
  type ValueName,
  valueTypes,
} from './hook-record.ts'
import { lengthIndex } from './parameter-types.ts'
import { hookContext, type PolicyScope } from './policy-scope.ts'
import { rereadValues } from './reread-values.ts'
import { UndecidedWord } from './undecided.ts'
import { undecidedCallsMap } from './undecided-calls.ts'

/** A test of a selector, with its values. */
export interface ValueMatch {
  readonly match: ArgumentMatch
  readonly values: readonly ValueName[]
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
    const { args, data, returnArg } = hook
    // Known before any program is built: these are loaded first.
    for (const set of hook.selectors.flatMap(setsOf)) scope.processSets.get(set)
    const entries: readonly ValueName[] = [
      ...args.flatMap((argument, i) => (argument.returnCopy ? [] : [`a${i}` as const])),
      ...data.map((_, i) => `d${i}` as const),
    ]
    const copied = args.flatMap((a, i) => (a.returnCopy ? [`a${i}` as const] : []))
    const late: readonly ValueName[] = returnArg ? [...copied, 'r'] : copied
    this.onlyAtReturn =
      late.length > 0 &&
      plan.leave.length > 0 &&
      plan.parametersAtReturn === true &&
      // Enforcing actions at the entry do not wait for the return.
      !hook.selectors.some(({ actions }) => actions.some((action) => enforcementOf(action))) &&
      entries.every((name) => this.#lasts(this.argument(name)))
    const matched = new Set<ValueName>(
      hook.selectors.flatMap((selector) => [
        ...this.matchesOf(selector)
          .filter((match) => !this.isCheap(match))
          .flatMap(({ values }) => values),
        ...this.#atEntry(selector).flatMap((action) =>
          (actionCode(action)?.uses(action, hook) ?? []).map((i) => `a${i}` as const),
        ),
      ]),
    )
    // Tested early: a descriptor that is not followed ends the program.
    const all = this.onlyAtReturn ? [...entries, ...late] : entries
    const early = all.filter((name) => this.argument(name).type === 'fd' || matched.has(name))
    this.matchedFirst = early
    this.enter = [...early, ...all.filter((name) => !early.includes(name))]
    this.leave = this.onlyAtReturn ? [] : late
    const tested = hook.selectors.flatMap((selector) => this.matchesOf(selector))
    this.rereads =
      this.onlyAtReturn || plan.decides
        ? []
        : rereadValues(hook, plan, new Set(tested.flatMap(({ values }) => values)), (values) =>
            this.#saved(values),
          )
    this.undecided = new UndecidedWord(this.rereads.length, hook.selectors.length)
    const described = {
      args: args.map(describeArgument),
      data: data.map(describeArgument),
      result: returnArg && describeArgument(returnArg),
    }
    this.extras = {
      owner: scope.tracksSocks,
      stacks: this.#stacks(),
      imaHash: plan.sleepable === true && selectorsWithHash(hook).length > 0,
      workload: this.#testsWorkloads,
      enforcement: this.#actions().some((action) => enforcementOf(action)),
      refusal: this.#countsRefusals,
    }
    this.record = hookRecord(valueTypes(described, this.enter), this.extras)
    const extras = returnExtras(this.extras)
    this.returnRecord = hookRecord(valueTypes(described, this.leave), extras)
    this.decisionRecord = hookRecord(valueTypes(described, this.rereads), extras)
  }

  /** Tests of a selector on the values of the entry's record. */
  matchesOf({ args, data, returnArgs }: Selector): readonly ValueMatch[] {
    const ofResult = this.onlyAtReturn ? returnArgs : []
    return [
      ...args.map((match) => ({ match, values: match.positions.map((i) => `a${i}` as const) })),
      ...data.map((match) => ({ match, values: match.positions.map((i) => `d${i}` as const) })),
      ...ofResult.map((match) => ({ match, values: ['r' as const] })),
    ]
  }

  /** Whether an argument is unchanged at the function's return. */
  #lasts({ type, resolve, source }: Argument): boolean {
    if (resolve.length > 0 || source !== undefined) return false
    return type === 'fd' ? this.scope.followsFiles : argumentType(type).lasts === true
  }

  /** Whether its programs test the workload of the task. */
  get #testsWorkloads(): boolean {
    return selectsWorkloads(this.hook, this.scope.policy)
  }

  /** Whether refusals that equal others are counted: the process may repeat them without end. */
  get #countsRefusals(): boolean {
    if (this.scope.policy.options.equalRefusals === 'post' || this.hook.isEnforcer) return false
    const waits = this.returns || this.rereads.length > 0
    return !waits && this.#actions().some(isRefusing)
  }

  /** The stacks of its events, if its programs can read them. */
  #stacks(): readonly StackKind[] {
    const wanted = stackKinds.filter((kind) => selectorsWithStack(this.hook, kind).length > 0)
    return this.#stacksAreThere ? wanted : []
  }

  /** Whether a selector requests stacks that programs at this hook cannot read. */
  get lacksStacks(): boolean {
    const isWanted = stackKinds.some((kind) => selectorsWithStack(this.hook, kind).length > 0)
    return isWanted && !this.#stacksAreThere
  }

  get #stacksAreThere(): boolean {
    const { btf } = this.scope
    // Those of the thread that runs the programs are of no use.
    if (this.plan.marks) return false
    return this.plan.enter.every(({ hook }) => mayReadStacks(hook.resolve(btf).programType))
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
    return this.suppressing(this.hook.selectors.flatMap((selector) => this.#atEntry(selector)))
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
    const { decides, weakness } = this.plan
    const name = this.means(action)?.name
    return weakness !== undefined && name === decides ? `${name} (${weakness.short})` : name
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
  isCheap({ values }: ValueMatch): boolean {
    return values.every((name) => !argumentType(this.argument(name).type).costly)
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
    return this.#saved(this.rereads)
  }

  #saved(rereads: readonly ValueName[]): readonly number[] {
    const { args, selectors } = this.hook
    const copied = args.filter(({ returnCopy }) => returnCopy)
    const used = selectors.flatMap(({ actions, returnActions }) =>
      [...(rereads.length > 0 ? actions : []), ...returnActions].flatMap(
        (action) => actionCode(action)?.uses(action, this.hook) ?? [],
      ),
    )
    const again = rereads.map((name) => this.argument(name))
    const read = [...copied, ...used.map((position) => args[position]), ...again]
    const { btf } = this.scope
    return [
      ...new Set(
        read.flatMap((argument) => [
          argument.index,
          lengthIndex(btf, this.hook, argument) ?? argument.index,
        ]),
      ),
    ]
  }

  /** What its records may use of the ring. */
  get ringUse(): RingUse {
    const share = this.extras.enforcement ? 'enforcement' : 'hook'
    return { size: this.scope.ringSize, share }
  }

  /** Context of its programs. */
  context(k: Code, scratch: Scratch): HookContext {
    return hookContext(this.scope, this.id, this.hook, k, scratch, this.ringUse)
  }

  #actions(): readonly Action[] {
    return this.hook.selectors.flatMap(({ actions, returnActions }) => [
      ...actions,
      ...returnActions,
    ])
  }

  /** The actions executed by the program at the entry. */
  #atEntry({ actions, returnActions }: Selector): readonly Action[] {
    return this.onlyAtReturn ? [...actions, ...returnActions] : actions
  }
}

/** Whether an action makes a call fail, so that its process can go on. */
function isRefusing(action: Action): boolean {
  const { counter, details } = enforcementOf(action) ?? {}
  return counter === 'override' || details?.(action).error !== undefined
}
