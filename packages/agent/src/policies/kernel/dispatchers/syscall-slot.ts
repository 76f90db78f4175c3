import type { Collection } from '@tetragon-ts/ebpf/collection'
import { EbpfError } from '@tetragon-ts/ebpf/errors'
import type { Hook } from '@tetragon-ts/ebpf/lang'
import type { MapSpec } from '@tetragon-ts/ebpf/maps'
import type { LoadedProgram } from '@tetragon-ts/ebpf/programs'
import { ProgramList } from './program-list.ts'

/** Removes a program from its slot. */
type Remove = () => void

/** The target of a dispatcher for one system call: a program, or a list of several. */
export class SyscallSlot {
  readonly #collection: Collection
  readonly #programs: MapSpec<number, number>
  readonly #number: number
  #single: LoadedProgram | undefined
  #list: ProgramList | undefined
  /** Of all programs that are in the list. */
  readonly #removes = new Map<LoadedProgram, Remove>()

  /** @param programs the dispatcher's program array */
  constructor(
    collection: Collection,
    programs: MapSpec<number, number>,
    number: number,
    first: LoadedProgram,
  ) {
    this.#collection = collection
    this.#programs = programs
    this.#number = number
    this.#single = first
    this.#jumpTo(first)
  }

  /**
   * Adds a program; each call runs either the programs before or all.
   * @param hook of the dispatcher
   * @returns whether there was room, and the kernel can run several programs
   */
  add(hook: Hook, program: LoadedProgram): boolean {
    if (this.#list?.isFull || this.#single === program || this.#removes.has(program)) return false
    const list = this.#list ?? this.#makeList(hook)
    if (!list) return false
    this.#removes.set(program, list.insert(program))
    return true
  }

  /** @returns whether the slot is empty; then it is closed */
  remove(program: LoadedProgram): boolean {
    this.#removes.get(program)?.()
    this.#removes.delete(program)
    if (this.#list && !this.#list.isEmpty) return false
    this.#collection.map(this.#programs).delete(this.#number)
    this.#list?.close()
    return true
  }

  /** Removes its list from the kernel. The dispatcher must already be removed. */
  close(): void {
    this.#list?.close()
  }

  #makeList(hook: Hook): ProgramList | undefined {
    const first = this.#single
    if (!first) return undefined
    let list: ProgramList
    try {
      list = new ProgramList(`tg_list_${hook.target}`, hook, this.#collection)
    } catch (error) {
      if (error instanceof EbpfError) return undefined
      throw error
    }
    try {
      this.#removes.set(first, list.insert(first))
      this.#jumpTo(list.runner)
    } catch (error) {
      this.#removes.clear()
      list.close()
      throw error
    }
    this.#single = undefined
    this.#list = list
    return list
  }

  #jumpTo({ fd }: LoadedProgram): void {
    this.#collection.map(this.#programs).update(this.#number, fd.number)
  }
}
