import { Cell, type Code, type Condition, type Int, type Variable } from '@tetragon-ts/ebpf/lang'
import type { Steps } from '@tetragon-ts/ebpf/steps'
import type { Action, Selector } from '@tetragon-ts/policy'
import { actionCode } from '../actions/index.ts'
import type { HookContext } from '../hook/hook-context.ts'
import type { Scratch } from '../hook/scratch.ts'
import { unknownCommand } from '../matchers/command-arguments.ts'
import type { MatcherCondition } from '../matchers/matcher.ts'
import type { EntryState } from './hook-code.ts'
import { idleFlag } from './idle-flag.ts'
import { either } from './unreadable.ts'

/** With more selectors than this, their bits are in memory. */
const selectorsInRegisters = 4

/** A variable with bits, in a register or in memory. */
interface Word {
  get(): Int
  set(value: Int): void
}

/**
 * The selectors that may still match: a bit each. A hook with one selector needs no bits: it ends
 * when the selector fails. The bits of many selectors are in memory: the verifier tracks registers,
 * and would verify the rest of the program for every combination of them.
 */
export class Candidates {
  readonly #k: Code
  readonly #count: number
  readonly #words: Word[] = []

  constructor(k: Code, count: number) {
    this.#k = k
    this.#count = count
  }

  get isSingle(): boolean {
    return this.#count < 2
  }

  get needsMemory(): boolean {
    return this.#count > selectorsInRegisters
  }

  /** All are candidates. @param scratch is open if they need memory */
  begin(scratch: Scratch): void {
    if (this.isSingle) return
    for (let at = 0; at < this.#count; at += 32) {
      const all = (1n << BigInt(Math.min(32, this.#count - at))) - 1n
      if (this.needsMemory) {
        const cell = new Cell(scratch.take(8), 0)
        cell.set(all)
        this.#words.push(cell)
      } else {
        const word = this.#k.variable(all)
        this.#words.push({ get: () => word, set: (value) => word.set(value) })
      }
    }
  }

  /** The selector remains a candidate only if all of these hold. */
  require(selector: number, conditions: readonly MatcherCondition[], context: HookContext): void {
    const k = this.#k
    const word = this.#words[selector >> 5]
    const bit = 1n << BigInt(selector & 31)
    if (conditions.length === 0) return
    const test = (i: number): void => {
      if (i === conditions.length) return
      const { path, make } = conditions[i]
      context.at(path, () => {
        const condition = make()
        if (word === undefined) {
          k.unless(condition, k.exit)
          test(i + 1)
        } else {
          k.when(
            condition,
            () => test(i + 1),
            () => word.set(word.get().and(~bit)),
          )
        }
      })
    }
    if (word === undefined) return test(0)
    k.when(word.get().has(bit), () => test(0))
  }

  /** A bit for each candidate of the first 32 selectors; undefined if there is only one. */
  get bits(): Int | undefined {
    return this.#words[0]?.get()
  }

  /** Whether a selector may still match. */
  has(selector: number): Condition {
    return this.#words[selector >> 5].get().has(1n << BigInt(selector & 31))
  }

  /** Ends the program if there is no candidate left. */
  exitIfNone(): void {
    const [first, ...others] = this.#words
    if (!first) return
    const all = others.reduce<Int>((sum, word) => sum.or(word.get()), first.get())
    this.#k.when(all.eq(0), this.#k.exit)
  }
}

/** Whether the code of a hook is interrupted after this selector. */
export function isPause(selector: number): boolean {
  return selector % 32 === 31
}

/** The decision of the selectors about a hit. */
export interface Choice {
  /** Index of the selector that matches. */
  readonly selector: Variable
  /** 0 if an action suppresses the event. */
  readonly post: Variable
  /** 1 if it is unknown whether the selector matches; undefined if it is always known. */
  readonly undecided: Variable | undefined
  /** The record's flag of an action without effect; undefined if none can be. */
  readonly idle: Variable | undefined
  /**
   * 1 if it is unknown whether the policy or the selector applies to the workload; undefined if
   * that is always known.
   */
  readonly uncertain: Variable | undefined
}

/** The first candidate decides: its actions are executed, and it is counted. */
export class SelectorChoice {
  readonly #state: EntryState

  constructor(state: EntryState) {
    this.#state = state
  }

  *emit(): Steps<Choice> {
    const { planned, counts } = this.#state
    const { k } = this.#state.hit
    const { selectors } = planned.hook
    const mayBeUndecided = selectors.some((each) => this.#mayBeUndecided(each))
    const choice: Choice = {
      selector: k.variable(0),
      post: k.variable(1),
      undecided: mayBeUndecided ? k.variable(0) : undefined,
      idle: planned.idles ? k.variable(0) : undefined,
      uncertain: planned.extras.workload ? k.variable(0) : undefined,
    }
    counts.open(k)
    if (selectors.length > 0) {
      this.#rememberForOthers(choice)
      yield
      yield* this.#decideFrom(0, choice)
    } else {
      this.#setUncertain(0, choice)
      this.#ifCertain(choice, () => counts.count(k, 0, 'post'))
    }
    return choice
  }

  /** @param i index of the first selector that may still match */
  *#decideFrom(i: number, choice: Choice): Steps<void> {
    const { planned, candidates, hit } = this.#state
    if (i === planned.hook.selectors.length - 1) return this.#decide(i, choice)
    if (isPause(i)) yield
    yield* hit.k.whenInSteps(
      candidates.has(i),
      () => this.#decide(i, choice),
      () => this.#decideFrom(i + 1, choice),
    )
  }

  /**
   * If it is uncertain whether the first candidate applies, a later one may be the one that does:
   * what that one would store is stored too, before the first candidate acts. Otherwise later hits
   * would lack it.
   */
  #rememberForOthers(choice: Choice): void {
    const { planned, candidates, context, hit } = this.#state
    const { k } = hit
    const { bits } = candidates
    const uncertain = context.uncertain.selectors
    if (!uncertain || !bits) return
    for (const [i, selector] of [...planned.hook.selectors.entries()].reverse()) {
      const remembering = selector.actions.filter((each) => actionCode(each)?.remembers)
      if (i === 0 || remembering.length === 0) continue
      const earlier = bits.and((1n << BigInt(i)) - 1n)
      const isLater = earlier.ne(0).and(() => uncertain.xor(-1).and(earlier).eq(0))
      k.when(
        isLater.and(() => candidates.has(i)),
        () => {
          const undecided = this.#mayBeUndecided(selector)
          this.#perform(remembering, choice, undecided)
        },
      )
    }
  }

  #decide(i: number, choice: Choice): void {
    const { planned, context, hit } = this.#state
    choice.selector.set(i)
    this.#setUncertain(i, choice)
    const selector = planned.hook.selectors[i]
    const unread = this.#mayBeUndecided(selector)
    if (unread) choice.undecided?.set(unread)
    const unknown = unknownCommand(selector, hit, context)
    const act = (undecided: Int | undefined): void => {
      this.#actAndCount(i, choice, undecided)
      if (undecided) hit.k.when(undecided.ne(0), () => context.countLoss('unreadable'))
    }
    // The actions are executed when the match is decided.
    if (unread && planned.rereads.length > 0) hit.k.when(unread.eq(0), () => act(unknown))
    else act(either([unread, unknown]))
  }

  #setUncertain(i: number, { uncertain }: Choice): void {
    const bit = this.#state.context.uncertain.at(i)
    if (bit) uncertain?.set(bit)
  }

  /** User space counts uncertain hits when it decides about them. */
  #ifCertain({ uncertain }: Choice, count: () => void): void {
    if (uncertain) this.#state.hit.k.when(uncertain.eq(0), count)
    else count()
  }

  /** 1 if a selector tests an argument that could not be read, else 0. */
  #mayBeUndecided(selector: Selector): Int | undefined {
    const { planned, unreadable } = this.#state
    return unreadable.anyOf(new Set(planned.matchesOf(selector).flatMap(({ values }) => values)))
  }

  #actAndCount(i: number, choice: Choice, undecided?: Int): void {
    this.#act(i, choice, undecided)
    this.#ifCertain(choice, () => this.#count(i, choice.post))
  }

  /** @param undecided 1 if the match is undecided: then only rate limits apply */
  #act(i: number, choice: Choice, undecided: Int | undefined): void {
    const { hook, onlyAtReturn } = this.#state.planned
    const { returnActions, actions } = hook.selectors[i]
    const all = onlyAtReturn ? [...actions, ...returnActions] : actions
    this.#perform(all, choice, undecided)
    this.#enforce(i, all, choice.uncertain, undecided)
  }

  #perform(
    all: readonly Action[],
    { post, idle, uncertain }: Pick<Choice, 'post' | 'idle' | 'uncertain'>,
    undecided: Int | undefined,
  ): void {
    const { planned, hit, context } = this.#state
    for (const action of all) {
      const code = actionCode(action)
      if (code?.idles) idle?.set(0)
      const emit = (): void =>
        code?.emit(action, {
          hit,
          context,
          hook: planned.hook,
          post,
          uncertain,
          argument: (position) => this.#state.operand(`a${position}`),
          setIdle: (error) => idle?.set(idleFlag(error)),
        })
      const waits = undecided && code && !code.isHasty
      context.at(action.path, () => (waits ? hit.k.when(undecided.eq(0), emit) : emit()))
    }
  }

  /** @param undecided 1 if the match is undecided: what cannot be read may not pass by default */
  #enforce(
    i: number,
    actions: readonly Action[],
    uncertain: Int | undefined,
    undecided: Int | undefined,
  ): void {
    const { planned, hit, enforcement } = this.#state
    const { unreadableArguments } = planned.scope.policy.options
    const emit = (): void => enforcement?.emit(i, actions, uncertain)
    if (undecided && unreadableArguments === 'allow') hit.k.when(undecided.eq(0), emit)
    else emit()
  }

  /** Enforces an undecided match that cannot wait for the function's return. */
  enforceUndecided({ selector, uncertain, undecided }: Choice): void {
    const { planned, hit, enforcement } = this.#state
    if (!enforcement) return
    planned.hook.selectors.forEach(({ actions }, i) => {
      hit.k.when(selector.eq(i), () => this.#enforce(i, actions, uncertain, undecided))
    })
  }

  /** Counts the selector's decision, unless it is made at the function's return. */
  #count(i: number, post: Variable): void {
    const { planned, hit, counts } = this.#state
    const { returnActions, actions } = planned.hook.selectors[i]
    const decidedLater = this.#isDecidedLater(i)
    const suppresses = planned.suppressing(
      planned.onlyAtReturn ? [...actions, ...returnActions] : actions,
    )
    if (!suppresses) {
      if (!decidedLater) counts.count(hit.k, i, 'post')
      return
    }
    hit.k.when(
      post.eq(0),
      () => counts.count(hit.k, i, 'nopost'),
      decidedLater ? undefined : () => counts.count(hit.k, i, 'post'),
    )
  }

  #isDecidedLater(i: number): boolean {
    const { planned } = this.#state
    return planned.decidesAtReturn(planned.hook.selectors[i])
  }

  /** The event was lost: it does not count as posted. */
  takeBack(choice: Choice): void {
    const { selector, undecided } = choice
    const { planned, hit, counts } = this.#state
    const { hook, rereads } = planned
    const all = hook.selectors.length === 0 ? [0] : hook.selectors.map((_, i) => i)
    const counting = all.filter((i) => !hook.selectors[i] || !this.#isDecidedLater(i))
    const take = (): void =>
      this.#ifCertain(choice, () => counts.takeBack(hit.k, selector, counting))
    if (undecided && rereads.length > 0) hit.k.when(undecided.eq(0), take)
    else take()
  }
}
