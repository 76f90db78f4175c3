import type { MappedFile, Mapping, MappingObserver } from '@tetragon-ts/ebpf/perf-ring'
import type { RingBufferReader } from '@tetragon-ts/ebpf/ringbuf'
import type { KeptProcess } from '../../processes/process-cache.ts'
import type { AskedBuildId } from '../mapped-files/build-ids.ts'

/** Reads the rings of mappings: `MappingRings`, or records in tests. */
export interface MappingSource {
  /** @returns the time up to which all records were read, in nanoseconds since boot */
  read(observer: MappingObserver): number
  /** Reads all that is in the rings now. */
  readAll(observer: MappingObserver): void
  followCpus(observer: MappingObserver): void
  readonly isBusy: boolean
  close(): void
}

/** A process drops its image to execute another one. */
interface ExecStart {
  readonly pid: number
  /** Nanoseconds since boot. */
  readonly time: number
  readonly mapping?: undefined
}

/** A file that was mapped, with what is known about its process so far. */
export interface MappedItem {
  readonly pid: number
  readonly time: number
  readonly mapping: Mapping
  /** Undefined: the kernel reported the build id, or it cannot be asked for. */
  readonly asked: AskedBuildId | undefined
  /** Set when it is handled for the first time. */
  execStart?: number | undefined
  image?: KeptProcess | 'later' | undefined
  giveUpAt?: number
}

export type Item = ExecStart | MappedItem

/** Asks for a build id that the kernel did not report. */
type Ask = (mapping: Mapping, file: MappedFile) => AskedBuildId | undefined

/**
 * The records of all rings of mappings in the order of their times, as rounds: a round is handled
 * when all records have been handled that were in the ring of processes when it was read. These
 * include what happened to the processes up to then.
 */
export class MappingQueue {
  readonly #rings: MappingSource
  readonly #processes: Pick<RingBufferReader, 'end' | 'hasReached'>
  readonly #ask: Ask
  #round: Item[] = []
  /** Items of the round before it are done. */
  #next = 0
  #barrier = 0
  /** Items of the next round. */
  #later: Item[] = []
  /** Mappings of files. */
  received = 0
  /** Records that did not fit into the rings. */
  lost = 0
  /** Time of the last record after a loss, in nanoseconds since boot. */
  lostAt = 0

  constructor(
    rings: MappingSource,
    processes: Pick<RingBufferReader, 'end' | 'hasReached'>,
    ask: Ask,
  ) {
    this.#rings = rings
    this.#processes = processes
    this.#ask = ask
  }

  /** Whether something waits, or will soon. */
  get isBusy(): boolean {
    return !this.isRoundDone || this.#later.length > 0 || this.#rings.isBusy
  }

  /** Whether the next round can be read. */
  get isRoundDone(): boolean {
    return this.#next >= this.#round.length
  }

  /** Items that were put back. */
  get waiting(): number {
    return this.#later.length
  }

  /**
   * Reads the next round if the last one is done.
   *
   * A process may have moved to a CPU whose ring was read before, so the rings are read twice: what
   * precedes a record of the first time is there the second time. Newer records wait.
   */
  refill(): void {
    if (!this.isRoundDone) return
    const items = this.#later
    const observer = this.#observer(items)
    this.#rings.followCpus(observer)
    this.#rings.read(observer)
    const latest = items.reduce((time, item) => Math.max(time, item.time), 0)
    const complete = Math.min(latest, this.#rings.read(observer))
    items.sort((a, b) => a.time - b.time)
    const end = items.findIndex(({ time }) => time > complete)
    this.#later = end < 0 ? [] : items.splice(end)
    this.#round = items
    this.#next = 0
    this.#barrier = this.#processes.end
  }

  /** The next item; undefined if there is none, or if records of processes come first. */
  take(): Item | undefined {
    return this.#processes.hasReached(this.#barrier) ? this.#round[this.#next++] : undefined
  }

  /** Puts an item into the next round. */
  putBack(item: MappedItem): void {
    this.#later.push(item)
  }

  /** Reads the rings for the last time, closes them, and returns all items in order. */
  takeAll(): readonly Item[] {
    const items = [...this.#round.slice(this.#next), ...this.#later]
    this.#rings.readAll(this.#observer(items))
    this.close()
    return items.sort((a, b) => a.time - b.time)
  }

  /** Drops everything. */
  close(): void {
    this.#rings.close()
    this.#round = []
    this.#later = []
    this.#next = 0
  }

  #observer(items: Item[]): MappingObserver {
    return {
      mapped: (mapping) => {
        const { pid, file } = mapping
        if (!isOfFile(mapping)) return
        this.received++
        const asked = file && this.#ask(mapping, file)
        items.push({ pid, time: Number(mapping.time), mapping, asked })
      },
      executing: (pid, time) => items.push({ pid, time: Number(time) }),
      lost: (count, time) => {
        this.lost += count
        this.lostAt = Math.max(this.lostAt, Number(time))
      },
    }
  }
}

/** Names of files whose path the kernel cannot report; it omits their identity, too. */
const unnamedFiles = ['//toolong', '//enomem']

/** Whether a mapping is of a file, not of other memory. */
function isOfFile({ path, buildId, file }: Mapping): boolean {
  if (buildId !== undefined || file !== undefined) return true
  return unnamedFiles.includes(Buffer.from(path).toString('latin1'))
}
