import type { WorkloadSet } from '@tetragon-ts/compiler'
import { Collection } from '@tetragon-ts/ebpf/collection'
import type { Program, Target } from '@tetragon-ts/ebpf/lang'
import { createMap, OpenMaps } from '@tetragon-ts/ebpf/open-maps'
import { nestedGroups, newWorkload, workloadSetsMax, workloadTable } from '@tetragon-ts/sensors'
import type { CgroupHierarchy, ProcessWalk } from '@tetragon-ts/sensors/process'
import {
  createdGroups,
  enteredGroups,
  programCopies,
  removedGroups,
  runningGroups,
} from '@tetragon-ts/sensors/process'
import type { ReaderThread } from '../../reader/reader-thread.ts'
import type { SharedMaps } from './shared-maps.ts'

/** The part of the reader that decides which groups belong to which sets. */
export type WorkloadReader = Pick<
  ReaderThread,
  'openWorkloads' | 'addWorkloads' | 'removeWorkloads' | 'closeWorkloads'
>

interface Entry {
  readonly number: number
  users: number
}

const createTable = () => createMap(workloadTable)

/** The table in the kernel, with its programs. */
interface Opened {
  readonly collection: Collection
  readonly map: ReturnType<typeof createTable>
}

/**
 * Sets of workloads in use, and the table of control groups in the kernel, which exists while there
 * are any. Policies with equal selectors share a set. The caller makes one change at a time.
 */
export class WorkloadTable implements Disposable {
  readonly #target: Target
  readonly #hierarchy: CgroupHierarchy
  readonly #reader: WorkloadReader
  readonly #shared: SharedMaps
  readonly #walk: ProcessWalk
  readonly #sets = new Map<string, Entry>()
  #opened: Opened | undefined

  /** @param walk finds the groups of running processes */
  constructor(
    target: Target,
    hierarchy: CgroupHierarchy,
    reader: WorkloadReader,
    shared: SharedMaps,
    walk: ProcessWalk,
  ) {
    this.#target = target
    this.#hierarchy = hierarchy
    this.#reader = reader
    this.#shared = shared
    this.#walk = walk
  }

  /**
   * The number of a set, which it keeps from the next `acquire` to the last `release`.
   * @returns undefined if all are in use
   */
  readonly numberOf = (key: string): number | undefined => {
    const known = this.#sets.get(key)
    if (known) return known.number
    const used = new Set([...this.#sets.values()].map(({ number }) => number))
    for (let number = 0; number < workloadSetsMax; number++) {
      if (used.has(number)) continue
      this.#sets.set(key, { number, users: 0 })
      return number
    }
    return undefined
  }

  /**
   * Acquires the sets of a policy; its programs are loaded next.
   * @returns the table; when the promise is fulfilled, it has all known members
   * @throws LanguageError, VerifierError, SystemCallError; then nothing is acquired
   */
  async acquire(sets: readonly WorkloadSet[]): Promise<SharedMaps> {
    if (sets.length === 0) return []
    const added = sets.filter(({ key }) => this.#sets.get(key)?.users === 0)
    this.#addUsers(sets, 1)
    try {
      const { map, collection } = await this.#open()
      await this.#reader.addWorkloads(added.map(({ number, selection }) => ({ number, selection })))
      return new OpenMaps().set(workloadTable, map).set(nestedGroups, collection.map(nestedGroups))
    } catch (error) {
      await this.release(sets)
      throw error
    }
  }

  /** At the end of the agent there are no sets any more. */
  #addUsers(sets: readonly WorkloadSet[], count: 1 | -1): void {
    for (const { key } of sets) {
      const entry = this.#sets.get(key)
      if (entry) entry.users += count
    }
  }

  /** Releases the sets of a policy, and numbers that were not acquired. */
  async release(sets: readonly WorkloadSet[]): Promise<void> {
    this.#addUsers(sets, -1)
    await this.prune()
  }

  /** Forgets sets without users. */
  async prune(): Promise<void> {
    const unused = [...this.#sets].filter(([, { users }]) => users === 0)
    for (const [key] of unused) this.#sets.delete(key)
    if (this.#opened === undefined) return
    if (unused.length > 0) this.#reader.removeWorkloads(unused.map(([, { number }]) => number))
    if (this.#sets.size > 0) return
    await this.#close()
  }

  /** The reader writes to the table until it has answered. */
  async #close(): Promise<void> {
    const { collection } = this.#opened ?? {}
    this.#opened = undefined
    await this.#reader.closeWorkloads()
    collection?.close()
  }

  /** Whether a control group is in the table. @param group its id, the inode of its folder */
  has(group: bigint): boolean {
    return this.#opened?.map.lookup(group) !== undefined
  }

  /** Its programs and maps, if it is open. */
  get collection(): Collection | undefined {
    return this.#opened?.collection
  }

  async #open(): Promise<Opened> {
    if (this.#opened) return this.#opened
    const collection = new Collection(this.#target)
    try {
      for (const [spec, map] of this.#shared) collection.borrow(spec, map)
      const map = createTable()
      collection.share(workloadTable, map)
      collection.map(newWorkload).update(0, firstValue)
      await this.#reader.openWorkloads(map.fd.number)
      this.#watchGroups(collection)
      this.#opened = { collection, map }
      return this.#opened
    } catch (error) {
      await this.#reader.closeWorkloads()
      collection.close()
      throw error
    }
  }

  /** Attaches the programs, then enters the groups of running processes. */
  #watchGroups(collection: Collection): void {
    const hierarchy = this.#hierarchy
    const copies = programCopies(this.#target.btf)
    const load = (program: Program) => ({ program, loaded: collection.load(program) })
    const programs = [removedGroups(hierarchy), createdGroups(hierarchy), enteredGroups(hierarchy)]
    const loaded = programs.flatMap((program) =>
      Array.from({ length: copies }, () => load(program)),
    )
    const running = collection.load(runningGroups(hierarchy, this.#walk))
    for (const { program, loaded: each } of loaded) collection.link(program, each)
    this.#walk.run(running)
    collection.unload(running)
  }

  [Symbol.dispose](): void {
    this.#sets.clear()
    if (this.#opened) void this.#close()
  }
}

/** Nothing is known about any set. */
const firstValue = {
  isOutside: 0,
  isInPod: 0,
  members: Array.from({ length: workloadSetsMax / 8 }, () => 0),
  unknown: Array.from({ length: workloadSetsMax / 8 }, () => 0xff),
}
