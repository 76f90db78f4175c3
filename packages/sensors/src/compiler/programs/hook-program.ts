import { type Code, type Int, type Program, program, type Variable } from '@tetragon-ts/ebpf/lang'
import type { Selector } from '@tetragon-ts/policy'
import { recordKind } from '../../records/process.ts'
import { actionCode } from '../actions/index.ts'
import { changeOwner, findOwner } from '../actions/track-sock.ts'
import type { Placement } from '../backends/backend.ts'
import type { Hit } from '../hit.ts'
import type { HookContext } from '../hook-context.ts'
import { hookFlags, type ValueName } from '../hook-record.ts'
import { matchers } from '../matchers/index.ts'
import { isWorkload, policyWorkloads } from '../matchers/workloads.ts'
import { testArguments } from '../operators/index.ts'
import type { PlannedHook, ValueMatch } from '../plan-hook.ts'
import { forgetCall, rememberCall } from './calls.ts'
import { Candidates } from './candidates.ts'
import type { ProgramCounts } from './counts.ts'
import { HookWriter } from './hook-writer.ts'
import { idleFlag } from './idle-flag.ts'
import { writeHash } from './ima-hash.ts'
import { ownPid } from './own-process.ts'
import { executingFlag, processIdentity } from './process-identity.ts'
import { ReadArguments } from './read-arguments.ts'
import { Scratch } from './scratch.ts'
import { selectorsWithStack, stackField, writeStack } from './stacks.ts'
import { countUndecided } from './undecided-calls.ts'
import { either, unknownBit } from './unknown.ts'

/**
 * The program at a hook's entry, or at its return where that one does it all. What costs nothing is
 * tested first, for all selectors; then what costs a lookup; an argument that must be walked or
 * copied is read when a selector is left that wants to see it, and once. What is posted at the end
 * is a record of just the hook's arguments. Hits of the agent itself are none.
 */
export function enterProgram(planned: PlannedHook, placement: Placement): Program {
  const counts = planned.scope.counts.take(planned.hook)
  return program(planned.programName, placement.hook, (k, ...args) => {
    const hit = placement.hit(k, args)
    const scratch = new Scratch(k, 'tg_scratch')
    const context = planned.context(k, scratch)
    const reads = new ReadArguments(hit, context, planned.hook)
    const code = new EnterCode(planned, hit, context, scratch, reads, counts)
    context.at(planned.hook.path, () => code.emit())
  })
}

class EnterCode {
  readonly #planned: PlannedHook
  readonly #hit: Hit
  readonly #context: HookContext
  readonly #scratch: Scratch
  readonly #reads: ReadArguments
  readonly #counts: ProgramCounts
  readonly #k: Code
  readonly #candidates: Candidates
  readonly #unknowns = new Map<ValueName, Int | undefined>()
  /** The record's flag of an action that found nothing to do; undefined if none can. */
  #idle: Variable | undefined

  constructor(
    planned: PlannedHook,
    hit: Hit,
    context: HookContext,
    scratch: Scratch,
    reads: ReadArguments,
    counts: ProgramCounts,
  ) {
    this.#planned = planned
    this.#hit = hit
    this.#context = context
    this.#scratch = scratch
    this.#reads = reads
    this.#counts = counts
    this.#k = hit.k
    this.#candidates = new Candidates(hit.k, planned.hook.selectors.length)
  }

  emit(): void {
    const { record, enter } = this.#planned
    const own = ownPid()
    if (own !== undefined) this.#k.when(this.#hit.task.tgid.eq(own), this.#k.exit)
    this.#testWorkload()
    const needsMemory = record.tails.length > 0 || this.#planned.needsScratch
    if (this.#candidates.needsMemory) this.#scratch.open()
    this.#candidates.begin(this.#scratch)
    this.#testCheap()
    if (needsMemory && !this.#candidates.needsMemory) this.#scratch.open()
    const { ringSize } = this.#context
    const memory = needsMemory ? this.#scratch : undefined
    const writer = new HookWriter(this.#k, record, ringSize, memory)
    for (const name of enter) this.#read(name, writer)
    const selector = this.#k.variable(0)
    const post = this.#k.variable(1)
    const undecided = this.#mayBeUndecided ? this.#k.variable(0) : undefined
    if (this.#planned.idles) this.#idle = this.#k.variable(0)
    this.#counts.open(this.#k)
    this.#chooseSelector(selector, post, undecided)
    if (this.#planned.suppresses) this.#k.when(post.eq(0), this.#k.exit)
    this.#readRest(writer)
    this.#post(writer, selector, undecided)
  }

  /** Whether a selector looks at something that may turn out to be unreadable. */
  get #mayBeUndecided(): boolean {
    return this.#planned.hook.selectors.some((selector) => this.#isUnknown(selector))
  }

  /** 1 where a selector looks at an argument that could not be read, else 0. */
  #isUnknown(selector: Selector): Int | undefined {
    const names = new Set(this.#planned.matchesOf(selector).flatMap(({ values }) => values))
    return either([...names].map((name) => this.#unknown(name)))
  }

  /** The same of an argument, worked out where it is first asked for: right after it was read. */
  #unknown(name: ValueName): Int | undefined {
    if (!this.#unknowns.has(name)) {
      this.#unknowns.set(name, unknownBit(this.#k, this.#reads.value(name)))
    }
    return this.#unknowns.get(name)
  }

  #testWorkload(): void {
    const { path, workloads } = policyWorkloads(this.#context.policy)
    if (!workloads) return
    this.#context.at(path, () => {
      this.#k.unless(isWorkload(this.#hit, workloads, this.#context), this.#k.exit)
    })
  }

  /** What registers and members of the task tell, and what sets of processes tell. */
  #testCheap(): void {
    const { selectors } = this.#planned.hook
    if (!this.#candidates.isSingle) this.#readCheap()
    selectors.forEach((selector, i) => {
      const cheap = this.#planned
        .matchesOf(selector)
        .filter((match) => this.#planned.isCheap(match))
      const conditions = [
        ...cheap.map((value) => ({ path: value.match.path, make: () => this.#matches(value) })),
        ...matchers.flatMap((matcher) => matcher.conditions(selector, this.#hit, this.#context)),
      ]
      this.#candidates.require(i, conditions, this.#context)
    })
    this.#candidates.exitIfNone()
  }

  /**
   * Of several selectors each may be the first that asks: what it reads is not there for others.
   */
  #readCheap(): void {
    const matches = this.#planned.hook.selectors.flatMap((each) => this.#planned.matchesOf(each))
    const cheap = matches.filter((match) => this.#planned.isCheap(match))
    for (const name of new Set(cheap.flatMap(({ values }) => values))) {
      this.#context.at(this.#planned.argument(name).path, () => this.#unknown(name))
    }
  }

  /** Reads an argument, and tests what waited for it. */
  #read(name: ValueName, writer: HookWriter): void {
    if (!this.#planned.matchedFirst.includes(name)) return
    this.#readValue(name, writer)
    const { selectors } = this.#planned.hook
    const isTested = selectors.some((selector) =>
      this.#planned.matchesOf(selector).some(({ values }) => values.includes(name)),
    )
    if (isTested) this.#unknown(name)
    selectors.forEach((selector, i) => {
      const ready = this.#planned
        .matchesOf(selector)
        .filter((match) => !this.#planned.isCheap(match) && this.#planned.lastRead(match) === name)
      const conditions = ready.map((value) => ({
        path: value.match.path,
        make: () => this.#matches(value),
      }))
      this.#candidates.require(i, conditions, this.#context)
    })
    if (!this.#candidates.isSingle) this.#candidates.exitIfNone()
  }

  #readValue(name: ValueName, writer: HookWriter): void {
    const { path, type } = this.#planned.argument(name)
    this.#context.at(path, () => {
      const value = this.#reads.value(name)
      if (value.absent) this.#k.when(value.absent, this.#k.exit)
      this.#reads.setText(name, writer.add(name, type, value))
    })
  }

  #readRest(writer: HookWriter): void {
    for (const name of this.#planned.enter) {
      if (!this.#planned.matchedFirst.includes(name)) this.#readValue(name, writer)
    }
  }

  /** Holds too where nothing can be said: whether the argument was read is looked at in the end. */
  #matches({ match, values }: ValueMatch) {
    const operands = values.map((name) => this.#reads.operand(name))
    const unknown = either(values.map((name) => this.#unknown(name)))
    const matches = () => {
      const condition = testArguments(operands, match.test, this.#context)
      return match.negated ? condition.not() : condition
    }
    return unknown ? unknown.ne(0).or(matches) : matches()
  }

  /** The first selector that is left decides what happens. */
  #chooseSelector(selector: Variable, post: Variable, undecided: Variable | undefined): void {
    const { selectors } = this.#planned.hook
    const from = (i: number): void => {
      const act = (): void => {
        selector.set(i)
        const unknown = this.#isUnknown(selectors[i])
        if (unknown) undecided?.set(unknown)
        if (unknown && this.#planned.rereads.length > 0) {
          // All the rest is done when it is known.
          return this.#k.when(unknown.eq(0), () => this.#actAndCount(i, post))
        }
        this.#actAndCount(i, post, unknown)
        if (unknown) this.#k.when(unknown.ne(0), () => this.#context.countLoss('unreadable'))
      }
      if (i === selectors.length - 1) return act()
      this.#k.when(this.#candidates.has(i), act, () => from(i + 1))
    }
    if (selectors.length > 0) from(0)
    else this.#counts.count(0, 'post')
  }

  #actAndCount(selector: number, post: Variable, unknown?: Int): void {
    this.#act(this.#planned.hook.selectors[selector], post, unknown)
    this.#count(selector, post)
  }

  /** Counts what the selector decided, unless that is not known before the function returns. */
  #count(selector: number, post: Variable): void {
    const planned = this.#planned
    const { returnActions, actions } = planned.hook.selectors[selector]
    const decidedLater = this.#isDecidedLater(selector)
    const suppresses = planned.suppressing(
      planned.onlyAtReturn ? [...actions, ...returnActions] : actions,
    )
    if (!suppresses) {
      if (!decidedLater) this.#counts.count(selector, 'post')
      return
    }
    this.#k.when(
      post.eq(0),
      () => this.#counts.count(selector, 'nopost'),
      decidedLater ? undefined : () => this.#counts.count(selector, 'post'),
    )
  }

  #isDecidedLater(selector: number): boolean {
    const { returnArgs, returnActions } = this.#planned.hook.selectors[selector]
    return this.#planned.returns && returnArgs.length + returnActions.length > 0
  }

  /** The event was lost: it does not count as posted. */
  #takeBack(selector: Int, undecided: Int | undefined): void {
    const { hook, rereads } = this.#planned
    const all = hook.selectors.length === 0 ? [0] : hook.selectors.map((_, i) => i)
    const counting = all.filter((i) => !hook.selectors[i] || !this.#isDecidedLater(i))
    const take = (): void => this.#counts.takeBack(this.#k, selector, counting)
    if (undecided && rereads.length > 0) this.#k.when(undecided.eq(0), take)
    else take()
  }

  /** @param unknown 1 where the selector is not known to match: then only events are held back */
  #act(selector: Selector, post: Variable, unknown: Int | undefined): void {
    const { returnActions, actions } = selector
    const all = this.#planned.onlyAtReturn ? [...actions, ...returnActions] : actions
    for (const action of all) {
      const code = actionCode(action)
      if (code?.idles) this.#idle?.set(0)
      const emit = (): void =>
        code?.emit(action, {
          hit: this.#hit,
          context: this.#context,
          hook: this.#planned.hook,
          argument: (position) => this.#reads.operand(`a${position}`),
          post,
          setIdle: (error) => this.#idle?.set(idleFlag(error)),
        })
      const waits = unknown && code && !code.isHasty
      this.#context.at(action.path, () => (waits ? this.#k.when(unknown.eq(0), emit) : emit()))
    }
  }

  /**
   * Keeps the call until it returns, where the return is needed.
   * @returns 1 where it was kept to be decided then, else 0; undefined where that never happens
   */
  #remember(selector: Int, time: Int, undecided: Int | undefined): Int | undefined {
    const { k } = this.#hit
    const planned = this.#planned
    const parameters = planned.savedParameters.map((index) => this.#hit.parameter(index))
    const remember = (word: Int): Int =>
      rememberCall(this.#hit, this.#context, word, time, parameters)
    if (!undecided || planned.rereads.length === 0) {
      if (planned.returns) remember(selector)
      return undefined
    }
    if (planned.returns) {
      const word = k.variable(selector)
      k.when(undecided.ne(0), () => word.set(this.#undecidedWord()))
      remember(word)
      return undecided
    }
    const waits = k.variable(undecided)
    k.when(undecided.ne(0), () => {
      k.when(
        remember(this.#undecidedWord()).eq(0),
        () => countUndecided(k, planned.undecidedCalls, 1),
        () => {
          // Posted as it is.
          this.#context.countLoss('unreadable')
          waits.set(0)
        },
      )
    })
    return waits
  }

  #undecidedWord(): Int {
    const { rereads, hook, undecided } = this.#planned
    const tested = hook.selectors.flatMap((each) => this.#planned.matchesOf(each))
    const names = new Set(tested.flatMap(({ values }) => values))
    const others = [...names].filter((name) => !rereads.includes(name))
    const unread = rereads.map((name) => this.#unknown(name))
    const other = either(others.map((name) => this.#unknown(name)))
    return undecided.make(this.#k, [...unread, other], this.#candidates.bits)
  }

  #post(writer: HookWriter, selector: Int, undecided: Int | undefined): void {
    const k = this.#k
    const [planned, hit, context] = [this.#planned, this.#hit, this.#context]
    const time = k.bootTime()
    const { returnArgAction } = planned.hook
    if (returnArgAction && planned.onlyAtReturn) {
      changeOwner(returnArgAction, hit, context, this.#reads.value('r'))
    }
    const values = planned.enter.map((name) => this.#reads.value(name))
    for (const kind of planned.extras.stacks) {
      const wanted = selectorsWithStack(planned.hook, kind)
      writer.addTail(stackField(kind), (to) => writeStack(k, to, kind, selector, wanted))
    }
    if (planned.extras.imaHash) {
      writer.addTail('ima_hash', (to) => writeHash(hit, to, planned.hook, selector))
    }
    const owner = context.tracksSocks ? { owner: findOwner(hit, context, values) } : {}
    const waits = this.#remember(selector, time, undecided)
    // 1, the flag itself, where it waits to be decided.
    const state = planned.returns ? hookFlags.pending : (waits ?? 0)
    const flags = this.#idle?.or(state) ?? state
    const executing = executingFlag(hit)
    writer.send(
      {
        kind: recordKind.hook,
        hook: context.hookId,
        time,
        ...processIdentity(hit),
        selector,
        functionIndex: hit.functionIndex,
        flags: typeof executing === 'number' ? flags : executing.or(flags),
        ...owner,
      },
      () => {
        context.countLoss('hook')
        this.#takeBack(selector, undecided)
        if (planned.returns) forgetCall(hit, context.hookId)
      },
    )
  }
}
