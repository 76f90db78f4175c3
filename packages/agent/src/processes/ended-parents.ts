import type { Process } from './process.ts'
import { imageOf, type ProcessCache } from './process-cache.ts'

/** Maximum number of processes of a generation. */
const generationMax = 2048

/** What ended parents need of the records that have not been turned into processes. */
export interface NamingRecords {
  /** Whether a record that has been read names a process with this pid as its parent or cloner. */
  names(pid: number): boolean
}

/**
 * Processes that have ended, while records that are read later may name them as parents: without
 * these they would be dropped from the cache, since no child refers to them yet. Such records are
 * in the ring or kept in the kernel, so none of them shows that it is the last one.
 */
export class EndedParents {
  readonly #cache: Pick<ProcessCache, 'hold' | 'release'>
  readonly #records: NamingRecords
  readonly #byPid = new Map<number, Process[]>()
  /** Those that have ended since the last call of `age`, and before it. */
  #young = new Set<Process>()
  #old = new Set<Process>()

  constructor(cache: Pick<ProcessCache, 'hold' | 'release'>, records: NamingRecords) {
    this.#cache = cache
    this.#records = records
  }

  /** Whether the records should be read, and `age` be called. */
  get isFull(): boolean {
    return this.#young.size >= generationMax / 2
  }

  /** A process has ended. Call it before the cache drops the process. */
  add(process: Process): void {
    const { pid } = process
    this.#cache.hold(process)
    const same = this.#byPid.get(pid)
    if (same) same.push(process)
    else this.#byPid.set(pid, [process])
    this.#young.add(process)
    // It may be called while records are read, so it reads none.
    if (this.#young.size >= generationMax) this.age()
  }

  /** An image of a process that has ended. */
  find(pid: number, ktime: number): Process | undefined {
    for (const process of this.#byPid.get(pid) ?? []) {
      const image = imageOf(process, ktime)
      if (image) return image
    }
    return undefined
  }

  /**
   * All records of forks up to the last call have been read. Processes that had ended by then are
   * dropped, unless a record names them still.
   */
  age(): void {
    const before = this.#old
    this.#old = this.#young
    this.#young = new Set()
    for (const process of before) {
      if (this.#old.size < generationMax && this.#records.names(process.pid)) {
        this.#old.add(process)
      } else this.#drop(process)
    }
  }

  #drop(process: Process): void {
    const { pid } = process
    const others = this.#byPid.get(pid)?.filter((each) => each !== process) ?? []
    if (others.length > 0) this.#byPid.set(pid, others)
    else this.#byPid.delete(pid)
    this.#cache.release(process)
  }
}
