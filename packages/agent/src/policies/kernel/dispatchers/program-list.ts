import type { Collection } from '@tetragon-ts/ebpf/collection'
import {
  type Code,
  type Hook,
  type Int,
  type Program,
  program,
  tailCallsMax,
} from '@tetragon-ts/ebpf/lang'
import { array, type MapSpec, progArray } from '@tetragon-ts/ebpf/maps'
import type { LoadedProgram } from '@tetragon-ts/ebpf/programs'
import { record, u32, u64 } from '@tetragon-ts/ebpf/records'
import { bounded, leaveVerdict, takeVerdicts, type Verdicts } from './list-verdicts.ts'
import { leaveForOverrider, type OverrideVerdict } from './overrider.ts'

/** One less than the tail call limit, so that a tail call may lead to the list. */
export const listSize = tailCallsMax - 1

/**
 * Number of programs that are attached directly. All others are run by lists, which have a small
 * cost.
 */
export const attachedMax = 4

/** State of a list, for its runner. */
const ListState = record('list_state', {
  /** The neutral result of the hook, always: that of a slot without a program. */
  nothing: u64,
  /** Number of slots up to the last program. */
  end: u32,
  /** Of the oldest list at a hook that decides: a bit for each of the others. */
  others: u32,
})
const listState = () => array('tg_list_end', { value: ListState })

/** How a list takes part in the decision of its hook. */
export interface Deciding {
  /** The oldest list has 0. */
  readonly number: number
  /** Undefined if the kernel runs all lists whatever one returns: at cgroups. */
  readonly verdicts?: Verdicts | undefined
  /** Set if another program overrides the function: where the list leaves its verdict. */
  readonly overrider?: OverrideVerdict | undefined
}

/**
 * A program that runs up to {@link listSize} programs of the same hook, one after the other. These
 * are loaded, not attached. An empty slot costs next to nothing, slots after the last program cost
 * nothing. Where results decide, it returns the first refusal, after it has run all of them.
 */
export class ProgramList {
  /** Runs all others. */
  readonly runner: LoadedProgram
  /** The declaration of the program. */
  readonly declared: Program
  readonly #collection: Collection
  readonly #programs: MapSpec<number, number>
  readonly #state = listState()
  readonly #taken = new Set<number>()
  readonly #neutral: number
  #others = 0

  /**
   * @param name of the program that runs all others
   * @param deciding undefined: results are not used
   * @throws VerifierError, SystemCallError if programs of this hook cannot run others
   */
  constructor(name: string, hook: Hook, collection: Collection, deciding?: Deciding) {
    this.#collection = collection
    this.#programs = progArray('tg_list', { maxEntries: listSize })
    this.#neutral = hook.result ?? 0
    const code = new RunnerCode(this.#programs, this.#state as MapSpec, hook, deciding)
    this.declared = program(name, hook, (k) => code.emit(k))
    try {
      this.runner = collection.load(this.declared)
    } catch (error) {
      this.#forgetMaps()
      throw error
    }
  }

  get isFull(): boolean {
    return this.#taken.size === listSize
  }

  get isEmpty(): boolean {
    return this.#taken.size === 0
  }

  /** Sets the lists whose verdicts it takes: a bit for the number of each. */
  set others(bits: number) {
    this.#others = bits
    this.#writeState()
  }

  /** Adds the program. @returns removes it; further calls do nothing */
  insert(added: LoadedProgram): () => void {
    let index = 0
    while (this.#taken.has(index)) index++
    if (index >= listSize) throw new RangeError(`insert ${added.name}: the list is full`)
    const programs = this.#collection.map(this.#programs)
    programs.update(index, added.fd.number)
    this.#taken.add(index)
    this.#writeState()
    return () => {
      if (!this.#taken.delete(index)) return
      programs.delete(index)
      this.#writeState()
    }
  }

  /** Hits that no program of the list saw, because the list was already running on the CPU. */
  missed(): number {
    return this.runner.fd.closed ? 0 : Number(this.runner.info().recursionMisses)
  }

  /** Removes it from the kernel. The program that ran it must already be removed. */
  close(): void {
    this.#collection.unload(this.runner)
    this.#forgetMaps()
  }

  #forgetMaps(): void {
    this.#collection.forget(this.#programs)
    this.#collection.forget(this.#state)
  }

  #writeState(): void {
    const end = Math.max(-1, ...this.#taken) + 1
    const nothing = BigInt(this.#neutral)
    this.#collection.map(this.#state).update(0, { nothing, end, others: this.#others })
  }
}

/** The code of the program that runs a list. */
class RunnerCode {
  readonly #programs: MapSpec
  readonly #state: MapSpec
  readonly #neutral: number
  readonly #isBounded: boolean
  readonly #deciding: Deciding | undefined

  constructor(programs: MapSpec, state: MapSpec, hook: Hook, deciding?: Deciding) {
    this.#programs = programs
    this.#state = state
    this.#neutral = hook.result ?? 0
    this.#isBounded = hook.kind !== 'fmod_ret'
    this.#deciding = deciding
  }

  emit(k: Code): void {
    const { end, others } = k.view(k.global(this.#state), ListState)
    if (this.#deciding) this.#decide(k, this.#deciding, end, others)
    else this.#observe(k, end)
  }

  #observe(k: Code, end: Int): void {
    for (let index = 0; index < listSize; index++) {
      k.when(end.le(index), k.exit)
      k.runProgram(this.#programs, index)
    }
  }

  #decide(k: Code, { number, verdicts, overrider }: Deciding, end: Int, others: Int): void {
    const verdict = k.variable(this.#neutral)
    const run = (index: number): void => {
      if (index === listSize) return
      k.when(end.gt(index), () => {
        const result = k.runProgram(this.#programs, index, this.#state)
        const isFirst = () => verdict.eq(this.#neutral)
        k.when(result.ne(this.#neutral).and(isFirst), () => verdict.set(this.#bounded(k, result)))
        run(index + 1)
      })
    }
    run(0)
    if (overrider) {
      leaveForOverrider(k, overrider, verdict)
      k.exit()
    }
    const within = (result: Int) => this.#bounded(k, result)
    if (verdicts && number === 0) takeVerdicts(k, verdicts, others, verdict, within)
    else if (verdicts) leaveVerdict(k, verdicts, number, verdict)
    // The verifier knows its bounds.
    k.exit(verdict)
  }

  /** A result within the bounds of the verifier: 0 or 1 at cgroups, none for fmod_ret. */
  #bounded(k: Code, result: Int): Int {
    if (this.#neutral !== 0) return result.and(1)
    return this.#isBounded ? bounded(k, result) : result
  }
}
