import { Cell, type Code, type Condition, type Int } from '@tetragon-ts/ebpf/lang'
import type { Hit } from '../hook/hit.ts'
import type { HookContext } from '../hook/hook-context.ts'
import type { Scratch } from '../hook/scratch.ts'
import type { MatcherCondition } from '../matchers/matcher.ts'
import type { ProgramCounts } from '../plan/counts.ts'
import type { PlannedHook } from '../plan/plan-hook.ts'
import { Enforcement, enforcementRegisters } from './enforcement.ts'
import { HookCode } from './hook-code.ts'

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

/** State shared by the parts of a program at a hook's entry. */
export class EntryState extends HookCode {
  readonly counts: ProgramCounts
  /** Frames of the kernel's stack that are those of the program and its caller. */
  readonly ownFrames: number
  /** Selectors that may still match. */
  readonly candidates: Candidates
  /** Undefined if the hook has no enforcing action. */
  readonly enforcement: Enforcement | undefined

  constructor(
    planned: PlannedHook,
    hit: Hit,
    context: HookContext,
    counts: ProgramCounts,
    ownFrames: number,
  ) {
    super(planned, hit, context)
    this.counts = counts
    this.ownFrames = ownFrames
    this.candidates = new Candidates(this.k, planned.hook.selectors.length)
    this.enforcement = planned.extras.enforcement
      ? new Enforcement(planned, hit, context, counts, enforcementRegisters(this.k))
      : undefined
  }
}
