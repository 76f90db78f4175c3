import { type Program, program } from '@tetragon-ts/ebpf/lang'
import type { Steps } from '@tetragon-ts/ebpf/steps'
import type { Selector } from '@tetragon-ts/policy'
import { startOf } from '@tetragon-ts/sensors/process/identity'
import { ownFramesAt } from '../actions/stacks.ts'
import type { ArgumentValue } from '../arguments/argument-type.ts'
import { argumentType } from '../arguments/index.ts'
import { allOf } from '../hook/any-of.ts'
import { tickNs } from '../hook/own-process.ts'
import { Scratch } from '../hook/scratch.ts'
import type { Placement } from '../hook-plans/hook-plan.ts'
import { unknownCommand } from '../matchers/command-arguments.ts'
import { matchers } from '../matchers/index.ts'
import type { MatcherCondition } from '../matchers/matcher.ts'
import { decidingGroup, workloadState } from '../matchers/workloads.ts'
import { isTestedEarly, testEarly } from '../operators/index.ts'
import { isOneOfFiles } from '../operators/text.ts'
import type { ValueName } from '../plan/hook-description.ts'
import type { PlannedHook } from '../plan/plan-hook.ts'
import { policySelection } from '../workloads/workload-sets.ts'
import { type Choice, isPause, SelectorChoice } from './choose-selector.ts'
import { refusalsOfUnread, refuseUnread } from './enforcement.ts'
import { EntryState, hitAt } from './hook-code.ts'
import { HookWriter, postRecord } from './hook-record.ts'
import { identityTests, isLayerOperation } from './layer-operations.ts'
import { either } from './unreadable.ts'

/**
 * The program at a hook's entry, or at its return if that one does everything. Conditions without
 * cost are tested first, for all selectors; then those with a lookup; an argument that must be
 * walked or copied is read once, and only if a candidate needs it. The record contains only the
 * hook's arguments. Hits of the agent itself are ignored.
 */
export function enterProgram(planned: PlannedHook, placement: Placement): Program {
  const counts = planned.scope.counts.take(planned.hook)
  return program(planned.programName, placement.hook, (k, ...args) => {
    const hit = hitAt(k, planned, placement, args)
    const scratch = new Scratch(k, 'tg_scratch')
    const context = planned.context(k, scratch)
    const ownFrames = ownFramesAt(placement.hook, k.target.btf)
    const code = new EntryCode(scratch, planned, hit, context, counts, ownFrames)
    return context.atInSteps(planned.hook.path, () => code.emit())
  })
}

/**
 * Maximum number of selectors that decide if there is no memory for their candidates: it takes code
 * for each, and before Linux 6.6 jumps are short. With more, every hit is refused then.
 */
const decidedWithoutMemoryMax = 64

/** What is known after the decision. */
interface Chosen {
  readonly writer: HookWriter
  readonly choice: Choice
  readonly chooser: SelectorChoice
  readonly needsMemory: boolean
}

/** The code that decides about a hit. */
export class EntryCode extends EntryState {
  readonly #scratch: Scratch
  readonly #refusalsOfUnread = refusalsOfUnread(this.planned)

  constructor(scratch: Scratch, ...state: ConstructorParameters<typeof EntryState>) {
    super(...state)
    this.#scratch = scratch
  }

  *emit(): Steps<void> {
    this.#leaveOutAgent()
    const { writer, choice, chooser, needsMemory } = yield* this.#choose()
    yield
    if (this.planned.suppresses) {
      const { post, uncertain } = choice
      const isSuppressed = post.eq(0)
      const isCertain = uncertain && (() => uncertain.eq(0))
      this.k.when(isCertain ? isSuppressed.and(isCertain) : isSuppressed, this.k.exit)
    }
    this.#readRest(writer)
    if (this.planned.extras.refusal) {
      // Not before: allowed operations do not need it. Everything is decided here.
      const isOpen = needsMemory || this.candidates.needsMemory
      if (!isOpen) this.#scratch.open(() => chooser.takeBack(choice))
      writer.buildIn(this.#scratch)
      yield
    }
    postRecord(this, writer, choice, chooser)
  }

  /** The decision of the selectors; the program ends if none matches. */
  *choose(): Steps<Choice> {
    return (yield* this.#choose()).choice
  }

  #leaveOutAgent(): void {
    // Otherwise a policy that observes writes would observe those of its own events, without end.
    const own = this.context.agent
    const { task } = this.hit
    if (own && !this.hit.socket) {
      // Where programs outlive the agent, another process may get its pid.
      const isOwn = () => startOf(task).div(tickNs).eq(own.startTicks)
      this.k.when(task.tgid.eq(own.pid).and(isOwn), this.k.exit)
    }
  }

  *#choose(): Steps<Chosen> {
    const { record, enter } = this.planned
    this.#testWorkload()
    const needsMemory = record.tails.length > 0 || this.planned.needsScratch
    if (this.candidates.needsMemory) {
      this.#faultIn()
      yield* this.#scratch.openInSteps(() => this.#decideWithoutBits())
    }
    this.candidates.begin(this.#scratch)
    yield* this.#testCheap()
    this.#leaveOutLayers()
    if (!this.candidates.needsMemory) {
      this.#faultIn()
      if (needsMemory) this.#scratch.open(() => this.#decideWithoutMemory())
    }
    const memory = needsMemory ? this.#scratch : undefined
    const writer = new HookWriter(this.k, record, this.planned.ringUse, memory)
    for (const name of enter) yield* this.#read(name, writer)
    const chooser = new SelectorChoice(this)
    const choice = yield* chooser.emit()
    return { writer, choice, chooser, needsMemory }
  }

  /** While the program waits for memory of user space, it must not hold what others need. */
  #faultIn(): void {
    this.faultIn(this.planned.enter)
  }

  #testWorkload(): void {
    if (!this.planned.extras.workload) return
    this.context.uncertain.group = decidingGroup(this.hit, this.context)
    const found = policySelection(this.context.policy)
    if (!found) return
    this.context.at(found.path, () => {
      const state = workloadState(this.hit, found.selection, this.context)
      this.k.when(state.eq(0), this.k.exit)
      this.context.uncertain.ofPolicy(state)
    })
  }

  /** Conditions on registers and members of the task, and on sets of processes. */
  *#testCheap(): Steps<void> {
    const { selectors } = this.planned.hook
    if (!this.candidates.isSingle) this.#readCheap()
    for (const [i, selector] of selectors.entries()) {
      this.candidates.require(i, this.#cheap(selector), this.context)
      if (isPause(i)) yield
    }
    this.candidates.exitIfNone()
  }

  #cheap(selector: Selector): readonly MatcherCondition[] {
    const cheap = this.planned.matchesOf(selector).filter((match) => this.planned.isCheap(match))
    return [
      ...cheap.map((value) => ({ path: value.match.path, make: () => this.holds(value) })),
      ...matchers.flatMap((matcher) => matcher.conditions(selector, this.hit, this.context)),
      ...this.#early(selector),
    ]
  }

  /**
   * Without memory nothing else can be read: the first selector whose cheap conditions hold decides
   * as if its other ones did, unless it only observes.
   */
  #decideWithoutMemory(): void {
    if (!this.#mayRefuseUnread) return
    const { isSingle } = this.candidates
    for (const [i] of this.planned.hook.selectors.entries()) {
      this.#decideUnread(i, (decide) => {
        if (isSingle) decide()
        else this.k.when(this.candidates.has(i), decide)
      })
    }
  }

  /** The same if there is no memory for the candidates either. */
  *#decideWithoutBits(): Steps<void> {
    if (!this.#mayRefuseUnread) return
    const { planned, hit, counts, ownFrames } = this
    if (planned.hook.selectors.length > decidedWithoutMemoryMax) {
      const error = this.#refusalsOfUnread.find((each) => each !== undefined)
      return error === undefined ? undefined : refuseUnread(planned, hit, error, undefined)
    }
    // Its inputs are gone after this branch.
    const context = planned.context(this.k, this.#scratch)
    const code = new EntryCode(this.#scratch, planned, hit, context, counts, ownFrames)
    code.#testWorkload()
    code.#readCheap()
    const ofLayers = code.#ofLayers()
    for (const [i, selector] of planned.hook.selectors.entries()) {
      const conditions = [...code.#cheap(selector), ...ofLayers[i]]
      const made = conditions.map(
        ({ path, make }) =>
          () =>
            context.at(path, make),
      )
      code.#decideUnread(i, (decide) => this.k.when(allOf(this.k, made), decide))
      if (isPause(i)) yield
    }
  }

  get #mayRefuseUnread(): boolean {
    const { verdict } = this.hit
    return verdict !== undefined && this.#refusalsOfUnread.some((error) => error !== undefined)
  }

  /** @param ifMayMatch emits a decision for the case that the cheap conditions hold */
  #decideUnread(i: number, ifMayMatch: (decide: () => void) => void): void {
    const { planned, hit, context, k } = this
    const selector = planned.hook.selectors[i]
    const error = this.#refusalsOfUnread[i]
    const matches = planned.matchesOf(selector)
    const isDecided = matches.every((match) => planned.isCheap(match))
    if (error === undefined && !isDecided) return
    ifMayMatch(() => {
      const uncertain = context.uncertain.at(i)
      if (error !== undefined) {
        refuseUnread(planned, hit, error, uncertain)
        return k.exit()
      }
      const unread = this.unreadable.anyOf(matches.flatMap(({ values }) => values))
      const unsure = either([uncertain, unread, unknownCommand(selector, hit, context)])
      if (unsure) k.when(unsure.eq(0), k.exit)
      else k.exit()
    })
  }

  /**
   * What an overlay does with files of its layers matches only selectors that name these files by
   * identity.
   */
  #leaveOutLayers(): void {
    const ofLayers = this.#ofLayers()
    if (ofLayers.every((conditions) => conditions.length === 0)) return
    ofLayers.forEach((conditions, i) => {
      this.candidates.require(i, conditions, this.context)
    })
    this.candidates.exitIfNone()
  }

  /** The conditions of selectors for that. Ends the program if none can match. */
  #ofLayers(): readonly (readonly MatcherCondition[])[] {
    const isOfLayer = isLayerOperation(this.hit, this.planned)
    const { selectors } = this.planned.hook
    const named = selectors.map((selector) => identityTests(selector))
    const k = this.k
    if (!isOfLayer) return selectors.map(() => [])
    if (named.every((tests) => tests.length === 0)) {
      k.when(isOfLayer(k), k.exit)
      return selectors.map(() => [])
    }
    return selectors.map(({ path }, i) => {
      const isNamed = () =>
        allOf(
          k,
          named[i].map(({ positions: [at], test }) => {
            const value = () => this.once(`a${at}`)
            return () => isOneOfFiles(value(), test.files, this.context)
          }),
        )
      const isOwn = () => isOfLayer(k).not()
      return [{ path, make: named[i].length > 0 ? () => isOwn().or(isNamed) : isOwn }]
    })
  }

  /** Tests of texts that most hits do not pass, before any text is read. */
  #early(selector: Selector): readonly MatcherCondition[] {
    const texts = this.planned.matchesOf(selector).filter(({ match, values: [name] }) => {
      const { hasLastName } = argumentType(this.planned.argument(name).type)
      return hasLastName && !match.negated && isTestedEarly(match.test)
    })
    return texts.map(({ match, values: [name] }) => {
      const value = (): ArgumentValue =>
        this.candidates.isSingle ? this.value(name) : this.once(name)
      return { path: match.path, make: () => testEarly(value(), match.test, this.context) }
    })
  }

  /**
   * With several selectors, any of them may be the first to need it: values read for one are not
   * available to others.
   */
  #readCheap(): void {
    const matches = this.planned.hook.selectors.flatMap((each) => this.planned.matchesOf(each))
    const cheap = matches.filter((match) => this.planned.isCheap(match))
    for (const name of new Set(cheap.flatMap(({ values }) => values))) {
      this.context.at(this.planned.argument(name).path, () => this.unreadable.of(name))
    }
  }

  /** Reads an argument, and evaluates the tests that waited for it. */
  *#read(name: ValueName, writer: HookWriter): Steps<void> {
    if (!this.planned.matchedFirst.includes(name)) return
    this.#readValue(name, writer)
    const { selectors } = this.planned.hook
    const isTested = selectors.some((selector) =>
      this.planned.matchesOf(selector).some(({ values }) => values.includes(name)),
    )
    if (isTested) this.unreadable.of(name)
    for (const [i, selector] of selectors.entries()) {
      const ready = this.planned
        .matchesOf(selector)
        .filter((match) => !this.planned.isCheap(match) && this.planned.lastRead(match) === name)
      const conditions = ready.map((value) => ({
        path: value.match.path,
        make: () => this.holds(value),
      }))
      this.candidates.require(i, conditions, this.context)
      if (isPause(i)) yield
    }
    if (!this.candidates.isSingle) this.candidates.exitIfNone()
  }

  #readValue(name: ValueName, writer: HookWriter): void {
    this.add(name, writer, ({ absent }) => {
      if (absent) this.k.when(absent, this.k.exit)
    })
  }

  #readRest(writer: HookWriter): void {
    for (const name of this.planned.enter) {
      if (!this.planned.matchedFirst.includes(name)) this.#readValue(name, writer)
    }
  }
}
