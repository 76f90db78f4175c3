import { pause, pauseUntil } from '@tetragon-ts/service/timers'
import { Admission } from '../queue/admission.ts'
import { type ClassCounts, type EventClass, eventClasses } from '../queue/event-class.ts'
import { countWithin, memoryOverhead, ownEvent } from '../queue/event-queue.ts'
import type { BatchSize, EventStore, LossReport, QueuedEvent } from '../queue/event-store.ts'
import { QueueShares } from '../queue/queue-shares.ts'
import { WakeUp } from '../queue/wake-up.ts'
import { DiskWatch } from './disk-watch.ts'
import { lineMax, recordHead } from './record.ts'
import { segmentHead } from './segment-file.ts'
import { Segments } from './segments.ts'
import type { Unread } from './unread.ts'
import { Window } from './window.ts'

/** How old events on the way to the disk can become, in milliseconds: a power cut can take them. */
const syncMs = 1000
/** Pause after an error of the disk, in milliseconds. */
const retryMs = 1000
/** A spool has at least this many segments, since only whole ones give room back. */
const segmentsMin = 16
const segmentSizeMax = 64 << 20
/** Events that are written at a time. */
const writtenAtOnce = 4096
/** How long the disk may take for an operation, in milliseconds, unless there is another limit. */
const usualPatience = 5000
/** How long the end may take: the agent ends its thread soon after. */
const closeMs = 1000

/** What a spool needs. */
export interface SpoolOptions {
  /** A folder of its own; it is created. */
  readonly folder: string
  /** Maximum size of its files, in bytes. */
  readonly limit: number
  /** Bytes of events that wait for the disk in memory. */
  readonly memory: number
  readonly report: LossReport
  /** How long the disk may take for an operation, in milliseconds. */
  readonly patience?: number
  /** How long the end may take, in milliseconds. */
  readonly closeMs?: number
  /** A message for the operator. */
  warn(message: string): void
}

/**
 * Events that wait on disk. Each is in memory until a task has written it; the receiver gets what
 * was written. While the disk fails, events wait in memory and are sent from there.
 */
export class Spool implements EventStore {
  readonly #options: SpoolOptions
  readonly #segmentSize: number
  readonly #segments: Segments
  readonly #memory: QueueShares
  readonly #disk: QueueShares
  readonly #admission: Admission
  /** Events that are not on disk yet. */
  #front: QueuedEvent[] = []
  /** Events that were taken out, and are not acknowledged. */
  readonly #window = new Window()
  readonly #arrived = new WakeUp()
  readonly #filled = new WakeUp()
  readonly #end = new AbortController()
  readonly #over: Promise<void>
  /** Whether it is known what is on disk: otherwise nothing can be written behind it. */
  #isRecovered = false
  #isWriting = false
  readonly #watch: DiskWatch
  #taking: Promise<void> | undefined
  #failure: string | undefined
  #sync: NodeJS.Timeout | undefined

  constructor(options: SpoolOptions) {
    const { folder, limit, memory, report } = options
    this.#options = options
    this.#segmentSize = Math.min(Math.floor(limit / segmentsMin), segmentSizeMax)
    this.#segments = new Segments(folder, this.#segmentSize, (unread, message) => {
      this.#damaged(unread, message)
    })
    this.#watch = new DiskWatch(options.patience ?? usualPatience, () => {
      this.#fails(new Error('the disk does not respond'))
    })
    this.#memory = new QueueShares(memory)
    // Beside what is charged: the acknowledged part of the first segment, a part of a batch that
    // could not be removed after an error, and a damaged file that is kept.
    this.#disk = new QueueShares(limit - 3 * this.#segmentSize)
    const bounds = [
      { shares: this.#memory, overhead: memoryOverhead },
      { shares: this.#disk, overhead: recordHead },
    ]
    this.#admission = new Admission(bounds, report, (of, line, arrived) => {
      this.#front.push(ownEvent(of, line, arrived))
      this.#arrived.now()
      if (this.#failure !== undefined) this.#filled.now()
    })
    this.#over = this.#run()
  }

  readonly isOnDisk = true

  get lost(): ClassCounts {
    return this.#admission.lost
  }

  get failure(): string | undefined {
    return this.#failure
  }

  get bytes(): number {
    return this.#disk.used
  }

  get length(): number {
    return this.#window.length + this.#segments.length + this.#front.length
  }

  get oldest(): number | undefined {
    return this.#window.oldest ?? this.#segments.oldest ?? this.#front[0]?.arrived
  }

  add(of: EventClass, line: Uint8Array, arrived: number): void {
    const longest = Math.min(lineMax, this.#segmentSize - segmentHead - recordHead)
    if (line.length === 0 || line.length > longest) this.lose(of, 1)
    else this.#admission.add(of, line, arrived)
  }

  lose(of: EventClass, count: number): void {
    this.#admission.lose(of, count)
  }

  async filled(signal: AbortSignal): Promise<void> {
    while (!this.#canSend && !signal.aborted) await this.#filled.wait(signal)
  }

  get #canSend(): boolean {
    const canSendFront = this.#failure !== undefined && this.#front.length > 0
    return canSendFront || this.#window.length + this.#segments.length > 0
  }

  async peek(limit: BatchSize): Promise<readonly QueuedEvent[]> {
    const window = this.#window
    const wanted = { events: limit.events - window.length, bytes: limit.bytes - window.bytes }
    if (wanted.events > 0 && wanted.bytes > 0 && !this.#watch.isStuck) {
      this.#taking ??= this.#take(wanted)
      await this.#watch.within(this.#taking)
    }
    const isDiskEmpty = this.#segments.length === 0 || this.#watch.isStuck
    if (window.length === 0 && this.#failure !== undefined && isDiskEmpty) {
      window.add(this.#takeFront(limit).map((event) => ({ event, behind: undefined })))
    }
    const { events } = window
    return events.slice(0, countWithin(events, limit))
  }

  /** Moves events from the disk to the end of the window, perhaps later than `peek` waits. */
  async #take(wanted: BatchSize): Promise<void> {
    try {
      this.#window.add(await this.#segments.take(wanted))
    } finally {
      this.#taking = undefined
      this.#filled.now()
    }
  }

  remove(count: number, again: readonly QueuedEvent[] = []): void {
    const { bytes, position } = this.#window.remove(count, again)
    if (position !== undefined) this.#segments.acknowledge(position)
    this.#release(bytes)
    // Events on their way into the window may be of such a segment.
    if (this.#taking !== undefined) return
    for (const segment of this.#window.acknowledged) {
      if (this.#segments.removeTaken(segment)) this.#release(this.#window.release(segment))
    }
  }

  #release(bytes: ClassCounts): void {
    for (const each of eventClasses) this.#disk.remove(each, bytes[each])
  }

  async #run(): Promise<void> {
    const { signal } = this.#end
    while (!(await this.#recover()) && !signal.aborted) await pause(retryMs, { signal })
    while (!signal.aborted) {
      if (this.#front.length === 0 && this.#failure === undefined) await this.#arrived.wait(signal)
      if (!(await this.#writeFront())) await pause(retryMs, { signal })
    }
  }

  /** Counts what is on disk. @returns false after an error */
  async #recover(): Promise<boolean> {
    try {
      for (const unread of await this.#segments.recover(this.#watch)) {
        for (const each of eventClasses) this.#disk.add(each, unread.bytes[each])
      }
      this.#isRecovered = true
      this.#works()
      this.#filled.now()
      return true
    } catch (error) {
      this.#fails(error as Error)
      return false
    }
  }

  /**
   * Writes the first events that are in memory only. While the spool fails, it tries to write even
   * if there are none.
   * @returns false after an error
   */
  async #writeFront(): Promise<boolean> {
    const limit = { events: writtenAtOnce, bytes: this.#segmentSize - segmentHead }
    const batch = this.#front.slice(0, countWithin(this.#front, limit, recordHead))
    if (batch.length === 0 && this.#failure === undefined) return true
    if (this.#watch.isStuck) return false
    this.#isWriting = true
    try {
      await this.#append(batch)
      this.#shift(batch)
      this.#sync ??= setTimeout(() => void this.#syncSoon(), syncMs)
      if (batch.length === 0) await this.#watch.over(this.#segments.sync())
      this.#works()
      return true
    } catch (error) {
      this.#fails(error as Error)
      return false
    } finally {
      this.#isWriting = false
      this.#filled.now()
    }
  }

  /** @throws Error of the file system, also if it has responded too late */
  async #append(batch: readonly QueuedEvent[]): Promise<void> {
    const abandoned = new AbortController()
    const writing = this.#segments.append(batch, abandoned.signal)
    if (await this.#watch.within(writing)) return
    // Now the receiver gets these events from memory: they must not stay on disk.
    abandoned.abort(new Error('the disk has responded too late'))
    this.#isWriting = false
    this.#filled.now()
    await writing
  }

  async #syncSoon(): Promise<void> {
    this.#sync = undefined
    if (this.#watch.isStuck) return
    await this.#watch.within(this.#segments.sync()).catch((error: Error) => this.#fails(error))
  }

  /** Events for the receiver while the disk fails: they never get there. */
  #takeFront(limit: BatchSize): readonly QueuedEvent[] {
    if (this.#isWriting) return []
    const events = this.#front.slice(0, countWithin(this.#front, limit))
    this.#shift(events)
    return events
  }

  #shift(events: readonly QueuedEvent[]): void {
    this.#front.splice(0, events.length)
    for (const { eventClass: of, line } of events) {
      this.#memory.remove(of, line.length + memoryOverhead)
    }
  }

  #damaged({ events, bytes, count }: Unread, message: string): void {
    this.#release(bytes)
    for (const each of eventClasses) {
      if (events[each] > 0) this.lose(each, events[each])
    }
    this.#options.warn(`the spool is damaged: ${message}; ${count} or more events are lost`)
  }

  #fails({ message }: Error): void {
    if (this.#failure === undefined) {
      this.#options.warn(`the spool fails: ${message}; events wait in memory`)
    }
    this.#failure = message
    this.#filled.now()
    this.#arrived.now()
  }

  #works(): void {
    if (this.#watch.isStuck) return
    if (this.#failure !== undefined) this.#options.warn('the spool works again')
    this.#failure = undefined
  }

  async close(): Promise<void> {
    this.#end.abort()
    const report = this.#lastReport()
    await pauseUntil(this.#writeRest(), this.#options.closeMs ?? closeMs)
    clearTimeout(this.#sync)
    // A report that cannot be written says nothing that is not counted already.
    const left = [...this.#window.neverWritten, ...this.#front].filter((each) => each !== report)
    for (const { eventClass } of left) this.lose(eventClass, 1)
  }

  /** Adds a report of what was lost, if there is something to report. */
  #lastReport(): QueuedEvent | undefined {
    if (!this.#isRecovered || this.#failure !== undefined) return undefined
    const before = this.#front.length
    this.#admission.report(Date.now())
    return this.#front[before]
  }

  /** Writes what is in memory, and closes the files. */
  async #writeRest(): Promise<void> {
    await this.#over
    if (this.#isRecovered) while (this.#front.length > 0 && (await this.#writeFront())) {}
    clearTimeout(this.#sync)
    await this.#syncSoon()
    if (this.#watch.isStuck) return
    await this.#segments.close(this.#window.length + this.#segments.length > 0)
  }
}
