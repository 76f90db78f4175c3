import { hookRecord, RefusalReport, refusalsMax } from '@tetragon-ts/compiler/hooks'
import type { RecordMemory, RecordReader } from '@tetragon-ts/ebpf/records'
import { reader } from '@tetragon-ts/ebpf/records'
import type { Readable } from '../json/hook-reader.ts'
import type { PendingCall } from './pending-calls.ts'

type Refusal = NonNullable<Readable['refusal']>
type Key = Pick<Refusal, 'aHigh' | 'aLow' | 'bHigh' | 'bLow' | 'generation'>

interface Kept {
  readonly generation: number
  readonly call: PendingCall
}

/** Refusals that equal an earlier one. */
export interface EqualHits {
  /** The earlier one, with the time of the last of them. */
  readonly call: PendingCall
  readonly count: number
}

/** Of all records that are kept. */
const bytesMax = 2 ** 24
/** Those of two generations. */
const countMax = 2 * refusalsMax

const { offset: timeAt } = hookRecord([]).field('time')

/**
 * Keeps posted refusals until the kernel side has reported how many equal ones followed. If they
 * take too much memory, the oldest are given up.
 */
export class KeptRefusals {
  readonly #report: RecordReader<typeof RefusalReport.shape>
  /** By key, oldest generations first. */
  readonly #kept = new Map<string, Kept>()
  #bytes = 0
  /** Refusals whose first one was not read, or given up. */
  lost = 0

  constructor(memory: RecordMemory) {
    this.#report = reader(RefusalReport, memory)
  }

  /** Number of refusals that are kept. */
  get size(): number {
    return this.#kept.size
  }

  /** Keeps a refusal that others may equal. @param call gives a copy of its record */
  keep(refusal: Key, call: () => PendingCall): void {
    if (isEmpty(refusal)) return
    const key = keyOf(refusal)
    this.#drop(key)
    const kept = { generation: refusal.generation, call: call() }
    this.#kept.set(key, kept)
    this.#bytes += kept.call.bytes.length
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= bytesMax && this.#kept.size <= countMax) return
      this.#drop(oldest)
    }
  }

  /** Reads a report. @returns the refusals to write */
  read(offset: number): EqualHits | undefined {
    const report = this.#report
    report.at(offset)
    if (isEmpty(report)) {
      this.#forget(report.generation)
      return undefined
    }
    const { count } = report
    const kept = this.#kept.get(keyOf(report))
    if (!kept) {
      this.lost += count
      return undefined
    }
    const { call } = kept
    const { lastLow: timeLow, lastHigh: timeHigh } = report
    const time = new DataView(call.bytes.buffer, call.bytes.byteOffset + timeAt)
    time.setUint32(0, timeLow, true)
    time.setUint32(4, timeHigh, true)
    return { call: { ...call, timeLow, timeHigh }, count }
  }

  #drop(key: string): void {
    const kept = this.#kept.get(key)
    if (!kept) return
    this.#kept.delete(key)
    this.#bytes -= kept.call.bytes.length
  }

  /** Forgets those up to a generation. */
  #forget(last: number): void {
    for (const [key, { generation }] of this.#kept) {
      // The number starts at 0 again after 2^32 generations.
      if (((last - generation) | 0) < 0) return
      this.#drop(key)
    }
  }
}

function keyOf({ aHigh, aLow, bHigh, bLow, generation }: Key): string {
  return `${aHigh} ${aLow} ${bHigh} ${bLow} ${generation}`
}

function isEmpty({ aHigh, aLow, bHigh, bLow }: Key): boolean {
  return (aHigh | aLow | bHigh | bLow) === 0
}
