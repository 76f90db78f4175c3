import {
  isOfCommands,
  type Member,
  type MemberKey,
  membersMap,
  type ProcessSet,
} from '@tetragon-ts/compiler'
import { fillSet } from '@tetragon-ts/compiler/running-kernel'
import { Collection } from '@tetragon-ts/ebpf/collection'
import type { Target } from '@tetragon-ts/ebpf/lang'
import { createMap, type OpenMap } from '@tetragon-ts/ebpf/open-maps'
import type { LoadedProgram } from '@tetragon-ts/ebpf/programs'
import { type ProcessWalk, programCopies } from '@tetragon-ts/sensors/process'
import { ProcessFiles } from '../../reader/process-files/process-files.ts'
import { collectionMemory } from './kernel-memory.ts'
import { type Processes, RunningCommands } from './running-commands.ts'
import type { SharedMaps } from './shared-maps.ts'

/** A set in the kernel, shared by policies. */
interface Entry {
  readonly collection: Collection
  users: number
}

/** What the sets of all policies need. */
export interface ProcessSetOptions {
  readonly shared: SharedMaps
  readonly walk: ProcessWalk
  readonly procfs: string
  /** The table of all processes. */
  readonly processes: Processes
}

/** Process sets of policies; equal ones are shared, and removed with their last policy. */
export class ProcessSetTable implements Disposable {
  readonly #target: Target
  readonly #shared: SharedMaps
  readonly #walk: ProcessWalk
  readonly #entries = new Map<string, Entry>()
  readonly #procfs: string
  readonly #processes: Processes
  #members: OpenMap<MemberKey, Member> | undefined
  /** Reads command lines; its thread starts with the first set that needs them. */
  #files: ProcessFiles | undefined

  /** @param walk finds the running processes for new sets */
  constructor(target: Target, { shared, walk, procfs, processes }: ProcessSetOptions) {
    this.#target = target
    this.#shared = shared
    this.#walk = walk
    this.#procfs = procfs
    this.#processes = processes
  }

  /**
   * The table with the members of a set, complete for all running processes; give it back with
   * `release`.
   * @throws LanguageError, VerifierError, SystemCallError
   */
  acquire(set: ProcessSet): OpenMap<MemberKey, Member> {
    const { key } = set.membership
    this.#members ??= createMap(membersMap)
    let entry = this.#entries.get(key)
    if (!entry) {
      entry = this.#load(set, this.#members)
      this.#entries.set(key, entry)
    }
    entry.users++
    return this.#members
  }

  release(set: ProcessSet): void {
    const { key } = set.membership
    const entry = this.#entries.get(key)
    if (!entry || --entry.users > 0) return
    this.#entries.delete(key)
    entry.collection.close()
    this.#forget(set)
  }

  #forget({ number }: ProcessSet): void {
    const keys = [...(this.#members?.keys() ?? [])].filter((each) => each.set === number)
    for (const each of keys) this.#members?.delete(each)
  }

  /** Bytes of kernel memory of a set's programs and maps, divided by the number of its users. */
  memoryShare({ membership }: ProcessSet): number {
    const entry = this.#entries.get(membership.key)
    return entry ? collectionMemory(entry.collection) / entry.users : 0
  }

  /** The table with the members of all sets, if there are any. */
  get members(): OpenMap<MemberKey, Member> | undefined {
    return this.#members
  }

  /** Number of sets. */
  get size(): number {
    return this.#entries.size
  }

  /** Programs of the sets. */
  get collections(): readonly Collection[] {
    return [...this.#entries.values()].map(({ collection }) => collection)
  }

  /** Upper bound of fork and exec hits missed by any copy of a program (Linux 5.12). */
  possiblyMissed(): number {
    let sum = 0
    for (const { collection } of this.#entries.values()) {
      const fewest = new Map<string, number>()
      for (const program of collection.programs) {
        if (program.fd.closed) continue
        const misses = Number(program.info().recursionMisses)
        fewest.set(program.name, Math.min(misses, fewest.get(program.name) ?? misses))
      }
      for (const misses of fewest.values()) sum += misses
    }
    return sum
  }

  #load(set: ProcessSet, members: OpenMap<MemberKey, Member>): Entry {
    const collection = new Collection(this.#target)
    collection.borrow(membersMap, members)
    for (const [spec, map] of this.#shared) collection.borrow(spec, map)
    try {
      const length = programCopies(this.#target.btf)
      const keeping = set.keeping.map((program) => ({
        program,
        copies: Array.from({ length }, () => collection.load(program)),
      }))
      const filling = set.filling(this.#walk).map((program) => collection.load(program))
      for (const { program, copies } of keeping) {
        for (const copy of copies) collection.link(program, copy)
      }
      this.#fill(set, filling, collection)
      for (const program of filling) collection.unload(program)
      return { collection, users: 0 }
    } catch (error) {
      collection.close()
      this.#forget(set)
      throw error
    }
  }

  #fill(set: ProcessSet, filling: readonly LoadedProgram[], collection: Collection): void {
    const { membership } = set
    if (!isOfCommands(membership)) return fillSet(this.#walk, filling, collection)
    this.#files ??= new ProcessFiles(this.#procfs)
    const commands = new RunningCommands(
      membership,
      collection,
      this.#processes,
      this.#files,
      this.#procfs,
    )
    fillSet(this.#walk, filling, collection, () => commands.read())
    commands.clear()
  }

  [Symbol.dispose](): void {
    this.#files?.close()
    for (const { collection } of this.#entries.values()) collection.close()
    this.#entries.clear()
    this.#members?.close()
    this.#members = undefined
  }
}
