import type { RingBufferReader } from '@tetragon-ts/ebpf/ringbuf'
import type { Process } from '../../processes/process.ts'
import type { ProcessCache } from '../../processes/process-cache.ts'

/** Maximum number of processes per step: less than a millisecond of the reader's time. */
const stepSize = 256
/** How long a record of a process that left the table may still be in transit, in milliseconds. */
const settleMs = 1000

/** State of live processes in the kernel. */
export interface LiveProcesses {
  /** Start of the process in the kernel's table; undefined if the pid is not in it. */
  startOf(pid: number): number | undefined
  /** Whether /proc has the process: it may not have fitted into the table. */
  isInProcfs(process: Process): boolean
}

/** The reader's position in the ring. */
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

  /** @param ended receives each process that has ended */
  constructor(cache: ProcessCache, progress: Progress, ended: (process: Process) => void) {
    this.#cache = cache
    this.#progress = progress
    this.#ended = ended
  }

  /** Records were lost: checks all processes, again if a check is in progress. */
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

  /** Runs a bounded step. Call it after each round of the reader. */
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

  /** /proc is slower than the table. */
  #judge(live: LiveProcesses): void {
    for (const process of this.#suspects.splice(0, stepSize / 8)) {
      if (this.#cache.get(process.pid) !== process) continue
      if (live.startOf(process.pid) === process.start || live.isInProcfs(process)) continue
      this.#ended(process)
    }
  }
}
