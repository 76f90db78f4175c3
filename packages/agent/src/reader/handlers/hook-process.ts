import { hookFlags, noProcess } from '@tetragon-ts/compiler/hooks'
import { ancestorsOf } from '../../processes/ancestors.ts'
import { type Process, unknownExecs } from '../../processes/process.ts'
import type { KeptProcess, ProcessCache } from '../../processes/process-cache.ts'
import type { Readable } from '../json/hook-reader.ts'
import type { Found, HitProcess } from './unknown-processes.ts'

/** The part of a hook record that identifies processes. */
export interface ProcessOfRecord {
  readonly header: HitProcess & Pick<Readable['header'], 'flags'>
  readonly owner: Pick<NonNullable<Readable['owner']>, 'pid' | 'start' | 'execs'> | undefined
}

/** Looks up a process in the kernel, and adds it to the cache. */
export type LookUp = (process: HitProcess) => Found

/**
 * The process of a hook record. Records contain the start of the process and the kernel's count of
 * its execs. If the cache has the pid with another start, fork or exit records were lost and the
 * pid was reused; if it has another count, an exec record was lost. In both cases, and if the cache
 * lacks the pid, the process is looked up in the kernel. One that is not found there is unknown.
 */
export class HookProcess {
  readonly #cache: ProcessCache
  readonly #lookUp: LookUp
  /** Undefined if it is unknown. */
  process: Process | undefined
  parent: Process | undefined
  #kept: KeptProcess | undefined
  /** Records whose pid belongs to another process or image in the cache. */
  stale = 0

  /** @param lookUp adds a process to the cache if the kernel has it */
  constructor(cache: ProcessCache, lookUp: LookUp = () => 'none') {
    this.#cache = cache
    this.#lookUp = lookUp
  }

  /** Ancestors of the parent, nearest first. */
  get ancestors(): readonly Process[] {
    return this.#kept ? this.#kept.ancestors : ancestorsOf(this.parent)
  }

  /** Finds the process of a record, or the owner named in the record. */
  find({ header, owner }: ProcessOfRecord): void {
    if (owner !== undefined && owner.pid !== 0) this.#findOwner(owner, header)
    else if (header.pid === noProcess) this.restore(undefined)
    else this.#findCurrent(header)
  }

  /** Finds the process of a record, to be restored when its event is written. */
  keep(record: ProcessOfRecord): KeptProcess | undefined {
    this.find(record)
    return this.keepFound()
  }

  /** The process that was found last, to be restored when another event is written. */
  keepFound(): KeptProcess | undefined {
    return this.#kept ?? (this.process && this.#cache.keep(this.process))
  }

  /** Restores a process that was kept. */
  restore(kept: KeptProcess | undefined): void {
    this.#kept = kept
    this.process = kept?.process
    this.parent = kept?.parent
  }

  #findCurrent(header: ProcessOfRecord['header']): void {
    this.#findInCache(header)
    if (this.process !== undefined) return
    const found = this.#lookUp(header)
    const live = this.#cache.get(header.pid)
    if (found === 'added') this.#findInCache(header)
    else if (found === 'previous' && live?.start === header.start) this.#set(live)
    if (this.process === undefined && live !== undefined) this.stale++
  }

  #findInCache({ pid, start, execs, flags }: ProcessOfRecord['header']): void {
    const live = this.#cache.get(pid)
    // The idle tasks of all CPUs have pid 0, but different starts.
    if (live !== undefined && (live.start === start || pid === 0)) {
      const isBeingReplaced =
        (flags & hookFlags.executing) !== 0 && execs === (live.execs + 1) >>> 0
      if (live.execs === unknownExecs) live.execs = execs
      const isKnown = live.execs === execs || isBeingReplaced || pid === 0
      if (isKnown) return this.#set(live)
    }
    const ended = this.#cache.ended(pid)
    const isEnded = ended?.process.start === start && ended.process.execs === execs
    this.restore(isEnded ? ended : undefined)
  }

  #findOwner(owner: NonNullable<ProcessOfRecord['owner']>, header: HitProcess): void {
    this.#findOwnerInCache(owner)
    if (this.process !== undefined) return
    const { timeHigh, timeLow } = header
    if (this.#lookUp({ ...owner, timeHigh, timeLow }) !== 'none') this.#findOwnerInCache(owner)
  }

  /** The owner may have replaced its image since the record was sent; the cache knows that. */
  #findOwnerInCache({ pid, start, execs }: NonNullable<ProcessOfRecord['owner']>): void {
    const live = this.#cache.get(pid)
    if (live?.start === start) return this.#set(live.execs >= execs ? live : undefined)
    const ended = this.#cache.ended(pid)
    const isEnded = ended?.process.start === start && ended.process.execs >= execs
    this.restore(isEnded ? ended : undefined)
  }

  #set(process: Process | undefined): void {
    this.#kept = undefined
    this.process = process
    this.parent = process?.parent
  }
}
