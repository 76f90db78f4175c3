import type { RingBufferReader } from '@tetragon-ts/ebpf/ringbuf'
import type { Process } from '../../processes/process.ts'
import type { ProcessCache } from '../../processes/process-cache.ts'

/** Processes that one step looks up: less than a millisecond of the reader's time. */
const stepSize = 256
/** How long a record of a process that left the table may still be on its way, in milliseconds. */
const settleMs = 1000

/** What the kernel knows about live processes. */
export interface LiveProcesses {
  /** Start of the process in the kernel's table; undefined if none has this pid. */
  startOf(pid: number): number | undefined
  /** Whether /proc has the process: the table may have had no room for it. */
  isInProcfs(process: Process): boolean
}

/** The part of the ring's reader that says how far it is. */
export type Progress = Pick<RingBufferReader, 'end' | 'hasReached'>

/**
 * Finds the processes of the cache that ended without an exit record. It runs after a loss, in
 * steps between the reader's rounds.
 *
 * A process that is in the cache but not in the kernel's table has either an exit record that is
 * not read yet, or none. So it is looked at twice: after the first time everything that was in the
 * ring by then is read, and records that a program was about to send have time to arrive.
 */
export class Reconciliation {
  readonly #cache: ProcessCache
  readonly #progress: Progress
  readonly #ended: (process: Process) => void
  #live: LiveProcesses | undefined
  #left: Iterator<Process> | undefined
  #suspects: Process[] = []
  #settling: { readonly until: number; readonly end: number } | undefined
  #isWanted = false

  /** @param ended gets each process that has ended */
  constructor(cache: ProcessCache, progress: Progress, ended: (process: Process) => void) {
    this.#cache = cache
    this.#progress = progress
    this.#ended = ended
  }

  /** Records were lost: looks at all processes, again if it is at work already. */
  request(live: LiveProcesses): void {
    this.#live = live
    this.#isWanted = true
  }

  /** Milliseconds until the next step. */
  get rest(): number {
    if (this.#settling) return Math.max(1, this.#settling.until - performance.now())
    const isAtWork = this.#isWanted || this.#left !== undefined || this.#suspects.length > 0
    return isAtWork ? 1 : Number.POSITIVE_INFINITY
  }

  /** Does a bounded part of the work. Call it after each round of the reader. */
  step(now = performance.now()): void {
    const live = this.#live
    if (!live) return
    if (this.#settling) {
      if (now < this.#settling.until || !this.#progress.hasReached(this.#settling.end)) return
      this.#settling = undefined
    } else if (this.#left) this.#look(live, this.#left, now)
    else if (this.#suspects.length > 0) this.#judge(live)
    else if (this.#isWanted) {
      this.#isWanted = false
      this.#left = this.#cache.live[Symbol.iterator]()
    } else this.#live = undefined
  }

  #look(live: LiveProcesses, left: Iterator<Process>, now: number): void {
    for (let i = 0; i < stepSize; i++) {
      const { done, value } = left.next()
      if (done) {
        this.#left = undefined
        if (this.#suspects.length === 0) return
        this.#settling = { until: now + settleMs, end: this.#progress.end }
        return
      }
      if (value.pid !== 0 && live.startOf(value.pid) !== value.start) this.#suspects.push(value)
    }
  }

  /** /proc takes longer than the table. */
  #judge(live: LiveProcesses): void {
    for (const process of this.#suspects.splice(0, stepSize / 8)) {
      if (this.#cache.get(process.pid) !== process) continue
      if (live.startOf(process.pid) === process.start || live.isInProcfs(process)) continue
      this.#ended(process)
    }
  }
}
