import {
  type Collection,
  type Hook,
  type Program,
  program,
  tailCallsMax,
} from '@tetragon-ts/ebpf/lang'
import { array, type MapSpec, progArray } from '@tetragon-ts/ebpf/maps'
import type { LoadedProgram } from '@tetragon-ts/ebpf/programs'
import { u32 } from '@tetragon-ts/ebpf/records'

/** One less than the tail call limit, so that a tail call may lead to the list. */
export const listSize = tailCallsMax - 1

/**
 * Number of programs that are attached directly. All others are run by lists, which have a small
 * cost.
 */
export const attachedMax = 4

/**
 * A program that runs up to {@link listSize} programs of the same hook, one after the other. These
 * are loaded, not attached. An empty slot costs next to nothing, slots after the last program cost
 * nothing.
 */
export class ProgramList {
  /** Runs all others. */
  readonly runner: LoadedProgram
  /** The declaration of the program. */
  readonly declared: Program
  readonly #collection: Collection
  readonly #programs: MapSpec<number, number>
  readonly #end = array('tg_list_end', { value: u32 })
  readonly #taken = new Set<number>()

  /**
   * @param name of the program that runs all others
   * @throws VerifierError, SystemCallError if programs of this hook cannot run others
   */
  constructor(name: string, hook: Hook, collection: Collection) {
    this.#collection = collection
    this.#programs = progArray('tg_list', { maxEntries: listSize })
    this.declared = runnerProgram(name, hook, this.#programs, this.#end)
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

  /** Adds the program. @returns removes it; further calls do nothing */
  insert(added: LoadedProgram): () => void {
    let index = 0
    while (this.#taken.has(index)) index++
    if (index >= listSize) throw new RangeError(`insert ${added.name}: the list is full`)
    const programs = this.#collection.map(this.#programs)
    programs.update(index, added.fd.number)
    this.#taken.add(index)
    this.#writeEnd()
    return () => {
      if (!this.#taken.delete(index)) return
      programs.delete(index)
      this.#writeEnd()
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
    this.#collection.forget(this.#end)
  }

  #writeEnd(): void {
    this.#collection.map(this.#end).update(0, Math.max(-1, ...this.#taken) + 1)
  }
}

function runnerProgram(name: string, hook: Hook, programs: MapSpec, end: MapSpec): Program {
  return program(name, hook, (k) => {
    const last = k.global(end).load(4)
    for (let index = 0; index < listSize; index++) {
      k.when(last.le(index), k.exit)
      k.runProgram(programs, index)
    }
  })
}
