import type { Cell, Condition, Int, IntLike } from '@tetragon-ts/ebpf/lang'
import type { Selector } from '@tetragon-ts/policy'
import { hookFlags } from '@tetragon-ts/sensors/records/hook'
import { actionCode, enforcementOf } from '../actions/index.ts'
import type { Hit } from '../hook/hit.ts'
import type { HookContext } from '../hook/hook-context.ts'
import { Scratch } from '../hook/scratch.ts'
import { unknownCommand } from '../matchers/command-arguments.ts'
import { uncertainAtReturn } from '../matchers/workloads.ts'
import type { WaitingCall } from '../plan/calls.ts'
import type { ProgramCounts } from '../plan/counts.ts'
import type { PlannedHook, ValueMatch } from '../plan/plan-hook.ts'
import { Enforcement } from './enforcement.ts'
import { HookCode } from './hook-code.ts'
import { HookWriter } from './hook-record.ts'
import { idleFlag } from './idle-flag.ts'
import { either } from './unreadable.ts'

/** Words of memory for an outcome, and for that of the enforcing actions. */
const outcomeWords = 6

/** The state of a decision, in memory: see {@link Cell}. */
interface Outcome {
  /** Index of the selector that matches; the number of selectors if none does. */
  readonly selector: Cell
  /** 1 if it is still undecided. */
  readonly undecided: Cell
  /** 0 if an action suppresses the event. */
  readonly post: Cell
  /** The record's flag of an action without effect. */
  readonly idle: Cell
}

/**
 * At a function's return: decides a call with arguments that were unreadable at its entry, and
 * sends their current values. Only these are read again. Arguments that cannot be read this time
 * either are reported as such.
 * @returns the selector that matched; the program ends if none did
 */
export function decideLate(
  planned: PlannedHook,
  hit: Hit,
  call: WaitingCall,
  counts: ProgramCounts | undefined,
): Int {
  const { k } = hit
  const selector = k.variable(call.selector)
  const { undecided } = planned
  k.when(undecided.isUndecided(call.selector), () => {
    const scratch = new Scratch(k, 'tg_scratch')
    scratch.open()
    const context = planned.context(k, scratch)
    const decision = new LateDecision(planned, hit, call, context, scratch)
    selector.set(decision.emit(counts))
    scratch.close()
  })
  return selector
}

class LateDecision extends HookCode {
  readonly #call: WaitingCall
  readonly #scratch: Scratch
  #enforcement: Enforcement | undefined

  constructor(
    planned: PlannedHook,
    hit: Hit,
    call: WaitingCall,
    context: HookContext,
    scratch: Scratch,
  ) {
    super(planned, hit, context)
    this.#call = call
    this.#scratch = scratch
  }

  emit(counts: ProgramCounts | undefined): Int {
    const k = this.k
    const { decisionRecord, rereads, hook } = this.planned
    const memory = this.#scratch.take(8 * outcomeWords)
    const none = hook.selectors.length
    const outcome: Outcome = {
      selector: memory.cell(0, none),
      undecided: memory.cell(8, 0),
      post: memory.cell(16, 1),
      idle: memory.cell(24, 0),
    }
    if (this.planned.extras.enforcement) {
      const words = { outcome: memory.cell(32, 0), failed: memory.cell(40, 0) }
      const [hit, context] = [this.hit, this.context]
      this.#enforcement = new Enforcement(this.planned, hit, context, counts, words)
    }
    const writer = new HookWriter(k, decisionRecord, this.planned.ringUse, this.#scratch)
    for (const name of rereads) {
      this.add(name, writer)
      this.unreadable.of(name)
    }
    counts?.open(k)
    hook.selectors.forEach((selector, i) => {
      const isLeft = this.planned.undecided.isCandidate(this.#call.selector, i)
      const isFirst = () => outcome.selector.get().eq(none)
      k.when(isLeft.and(isFirst), () => this.#decide(selector, i, outcome, counts))
    })
    this.#send(writer, outcome)
    const matched = outcome.selector.get()
    k.when(
      outcome.post
        .get()
        .eq(0)
        .or(() => matched.eq(none)),
      k.exit,
    )
    return matched
  }

  /** The selector matches if all tests of unreadable arguments match. */
  #decide(
    selector: Selector,
    i: number,
    outcome: Outcome,
    counts: ProgramCounts | undefined,
  ): void {
    const k = this.k
    const again = this.planned.matchesOf(selector).filter((match) => this.#isReread(match))
    const test = (at: number): void => {
      if (at === again.length) return this.#matched(selector, i, outcome, counts)
      const { path } = again[at].match
      this.context.at(path, () => k.when(this.#holds(again[at]), () => test(at + 1)))
    }
    test(0)
  }

  #holds(match: ValueMatch): Condition {
    const wasRead = this.#wasUnread(match).eq(0)
    return wasRead.or(() => this.holds(match))
  }

  #isReread({ values }: ValueMatch): boolean {
    return values.every((name) => this.planned.rereads.includes(name))
  }

  /** Not 0 if a value of the test was unreadable at the entry. */
  #wasUnread({ values }: ValueMatch): Int {
    const { undecided, rereads } = this.planned
    const places = values.map((name) => rereads.indexOf(name))
    const bits = places.map((place) =>
      undecided.wasUnread(this.#call.selector, place < 0 ? undecided.others : place),
    )
    return either(bits) ?? this.k.constant(0)
  }

  /** 1 if a value of the test is unreadable, then or now. */
  #stillUnread(match: ValueMatch): Int {
    const wasUnread = this.#wasUnread(match)
    if (!this.#isReread(match)) return wasUnread
    const unread = this.unreadable.anyOf(match.values)
    return unread ? wasUnread.and(unread) : this.k.constant(0)
  }

  #matched(
    selector: Selector,
    i: number,
    { selector: matched, undecided, post, idle }: Outcome,
    counts: ProgramCounts | undefined,
  ): void {
    const k = this.k
    matched.set(i)
    const matches = this.planned.matchesOf(selector)
    const bit = either(matches.map((match) => this.#stillUnread(match)))
    const unsure = either([bit, unknownCommand(selector, this.hit, this.context)])
    if (unsure) undecided.set(unsure)
    for (const action of selector.actions) {
      const code = actionCode(action)
      const scope = {
        hit: this.hit,
        context: this.context,
        hook: this.planned.hook,
        post,
        argument: (position: number) => this.operand(`a${position}`),
        setIdle: (error: IntLike) => idle.set(idleFlag(error)),
      }
      const emit = (): void => {
        if (code?.idles) idle.set(0)
        code?.emit(action, scope)
      }
      const isSure = () => undecided.get().eq(0)
      const waits = code && !code.isHasty
      this.context.at(action.path, () => (waits ? k.when(isSure(), emit) : emit()))
    }
    this.#enforce(selector, i, undecided)
    k.when(
      post.get().eq(0),
      () => counts?.count(k, i, 'nopost'),
      this.planned.decidesAtReturn(selector) ? undefined : () => counts?.count(k, i, 'post'),
    )
    k.when(undecided.get().ne(0), () => this.context.countLoss('unreadable'))
  }

  /** A value that cannot be read this time either does not let the operation pass. */
  #enforce(selector: Selector, i: number, undecided: Cell): void {
    if (!selector.actions.some((action) => enforcementOf(action))) return
    const uncertain = uncertainAtReturn(this.hit, this.context, selector)
    const emit = (): void => this.#enforcement?.emit(i, selector.actions, uncertain)
    const { unreadableArguments } = this.planned.scope.policy.options
    if (unreadableArguments === 'allow') this.k.when(undecided.get().eq(0), emit)
    else emit()
  }

  #send(writer: HookWriter, { selector, post, idle }: Outcome): void {
    const k = this.k
    const none = this.planned.hook.selectors.length
    const flags = this.#scratch.take(8).cell(0, hookFlags.decided)
    k.when(
      post
        .get()
        .eq(0)
        .or(() => selector.get().eq(none)),
      () => flags.set(hookFlags.decided | hookFlags.cancelled),
    )
    writer.send(
      {
        ...this.header(this.#call.time),
        selector: selector.get(),
        functionIndex: this.#call.functionIndex,
        flags: this.planned.idles ? flags.get().or(idle.get()) : flags.get(),
        ...this.#enforcement?.fields,
      },
      () => this.context.countLoss('hook'),
    )
  }
}
