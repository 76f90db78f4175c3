import type { Process } from '../../processes/process.ts'
import type { RunningFields } from './process-builder.ts'
import type { ProcessLookup } from './process-lookup.ts'

/** Maximum number of lookups whose results are kept. */
const keptMax = 4096

/** A process as hook records identify it. */
export interface HitProcess {
  readonly pid: number
  /** Start of the process in nanoseconds since boot. */
  readonly start: number
  /** The kernel's count of its execs. */
  readonly execs: number
  /** Halves of the time of the hit, in nanoseconds since boot. */
  readonly timeHigh: number
  readonly timeLow: number
  /** Bits of `hookFlags` of the hit. */
  readonly flags?: number
}

/**
 * The result of a lookup: the cache has the process now; or it executes another program since, and
 * the hit belongs to the image before that; or there is no such process or image.
 */
export type Found = 'added' | 'previous' | 'none'

/**
 * Looks up processes of hook records that no record has introduced: the kernel may skip the
 * programs that send those records, and microVMs hide the forks of their first process from them.
 * An image that was looked up once is not looked up again: one that is not found has ended, or is
 * that of a kernel thread.
 */
export class UnknownProcesses {
  /** Undefined: the kernel cannot look up processes. */
  lookup: ProcessLookup | undefined
  /** Looks for it among the processes whose events are not posted, if there are any. */
  findHeld: ((hit: HitProcess) => Found) | undefined
  /** Looks for the record of its exec among those that have not been read. */
  findUnread: ((hit: HitProcess) => Found) | undefined
  /** Adds an image of which nothing but its hits is known, if the image before it is known. */
  infer: ((hit: HitProcess) => Found) | undefined
  readonly #adopt: (record: Uint8Array, hit: HitProcess) => Found
  readonly #kept = new Map<string, Found>()

  /** @param adopt adds the process of a `RunningRecord`, if it is that of the hit */
  constructor(adopt: (record: Uint8Array, hit: HitProcess) => Found) {
    this.#adopt = adopt
  }

  /** Looks up the process of a hit. */
  readonly find = (hit: HitProcess): Found => {
    const held = this.findHeld?.(hit)
    if (held !== undefined && held !== 'none') return held
    const { pid, start, execs } = hit
    const key = `${pid} ${start} ${execs}`
    const before = this.#kept.get(key)
    if (before !== undefined) return before
    const live = this.#findLive(hit)
    let found = live === 'none' ? (this.findUnread?.(hit) ?? 'none') : live
    if (found === 'none' && this.lookup !== undefined) found = this.infer?.(hit) ?? 'none'
    if (this.#kept.size >= keptMax) this.#kept.clear()
    this.#kept.set(key, found)
    return found
  }

  #findLive(hit: HitProcess): Found {
    const { pid, execs, timeHigh, timeLow } = hit
    const time = (BigInt(timeHigh) << 32n) | BigInt(timeLow)
    const record = this.lookup?.find(pid, execs, time)
    return record ? this.#adopt(record, hit) : 'none'
  }
}

/**
 * Compares what the kernel has found for the pid of a hit with the process of the hit.
 * @param live the process of that pid in the cache
 */
export function compareWithHit(
  { start, identity }: RunningFields,
  hit: HitProcess,
  live: Process | undefined,
): Found {
  const { execs, ktimeHigh, ktimeLow } = identity.key
  if (start !== hit.start) return 'none'
  const isNext = live?.start === start && hit.execs === (live.execs + 1) >>> 0
  // The kernel counts an exec before its record is sent, and also one that fails late.
  const isEarlier =
    hit.timeHigh < ktimeHigh || (hit.timeHigh === ktimeHigh && hit.timeLow < ktimeLow)
  if (isNext && (isEarlier || execs === live.execs)) return 'previous'
  return execs === hit.execs ? 'added' : 'none'
}
