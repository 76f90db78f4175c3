import { truncate } from 'node:fs/promises'
import type { BatchSize, QueuedEvent } from '../queue/event-store.ts'
import { onDisk } from './on-disk.ts'
import type { Position } from './position-file.ts'
import { encodeRecord } from './record.ts'
import { SegmentFile, segmentHead, segmentPath } from './segment-file.ts'
import { Unread } from './unread.ts'

/** Much is read at a time to count events. */
const countedAtOnce: BatchSize = { events: 10_000, bytes: 1 << 20 }
/** Errors that say nothing about a file. */
const transient: ReadonlySet<string | undefined> = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'EINTR'])

/** An event that was taken out, and the position behind it. */
export interface Taken {
  readonly event: QueuedEvent
  /** Undefined if it was never on disk. */
  readonly behind: Position | undefined
}

/** Called for events that can no longer be read. */
export type Damage = (unread: Unread, message: string) => void

/** What an earlier agent has left in a file. */
export interface Recovered {
  /** Undefined if the file is not readable as a segment. */
  readonly segment: Segment | undefined
  /** Why at least one event is lost. */
  readonly damage: string | undefined
}

/** A segment of a spool: events are appended, and read once. */
export class Segment {
  readonly number: number
  readonly #folder: string
  #file: SegmentFile | undefined
  #reading: Promise<unknown> | undefined
  /** Where its last record ends. */
  #size = segmentHead
  #readTo = segmentHead
  #unread = new Unread()
  #oldest: number | undefined

  private constructor(folder: string, number: number, file?: SegmentFile) {
    this.#folder = folder
    this.number = number
    this.#file = file
  }

  /** Creates a segment. @throws Error of the file system */
  static async create(folder: string, number: number): Promise<Segment> {
    return new Segment(folder, number, await SegmentFile.create(folder, number))
  }

  /**
   * Counts what an earlier agent has left in a segment.
   * @param acknowledged where the unacknowledged events start
   * @throws Error of the file system if another attempt can succeed
   */
  static async recover(folder: string, number: number, acknowledged: number): Promise<Recovered> {
    const segment = new Segment(folder, number)
    const path = segmentPath(folder, number)
    try {
      const file = await SegmentFile.open(folder, number)
      try {
        const damaged = await segment.#count(file, acknowledged)
        if (damaged === 0) return { segment, damage: undefined }
        return { segment, damage: `${path}: ${damaged} bytes at its end are not whole events` }
      } finally {
        await file.close()
      }
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      if (transient.has(code)) throw error
      return { segment: undefined, damage: `${path}: ${message}` }
    }
  }

  /** @returns the number of bytes at the end that are not whole events */
  async #count(file: SegmentFile, acknowledged: number): Promise<number> {
    const end = await file.size()
    // All of it, or the receiver has events that a power cut has taken from the disk.
    if (acknowledged > segmentHead && acknowledged >= end) return 0
    await this.#countFrom(file, acknowledged, end)
    if (this.#unread.count === 0 && acknowledged > segmentHead) {
      // Perhaps the position is not the end of an event of this file.
      await this.#countFrom(file, segmentHead, end, acknowledged)
    }
    return Math.max(0, end - this.#size)
  }

  async #countFrom(file: SegmentFile, from: number, end: number, forgetAt = 0): Promise<void> {
    this.#size = from
    this.#readTo = from
    for (let isDamaged = false; this.#size < end && !isDamaged; ) {
      const read = await file.read(this.#size, end, countedAtOnce)
      isDamaged = read.isDamaged
      for (const { event, end: behind } of read.stored) {
        this.#note(event, behind)
        if (behind === forgetAt) this.#forget()
      }
    }
  }

  /** Removes what is not whole behind the last event, if possible: it is counted only once. */
  async trim(): Promise<void> {
    const path = segmentPath(this.#folder, this.number)
    await onDisk(() => truncate(path, this.#size)).catch(() => {})
  }

  #note(event: QueuedEvent, behind: number): void {
    if (this.#unread.count === 0) this.#oldest = event.arrived
    this.#unread.add(event)
    this.#size = behind
  }

  #forget(): void {
    this.#unread = new Unread()
    this.#oldest = undefined
    this.#readTo = this.#size
  }

  get size(): number {
    return this.#size
  }

  get unread(): Unread {
    return this.#unread
  }

  /** When its first unread event arrived, or an earlier one. */
  get oldest(): number | undefined {
    return this.#unread.count === 0 ? undefined : this.#oldest
  }

  /**
   * Appends events: all or none.
   * @param signal aborted: the events are not to be appended any more
   * @throws Error of the file system, or the reason of the signal
   */
  async append(events: readonly QueuedEvent[], signal: AbortSignal): Promise<void> {
    const records = events.map(encodeRecord)
    try {
      signal.throwIfAborted()
      await this.#file?.write(Buffer.concat(records), this.#size)
      signal.throwIfAborted()
    } catch (error) {
      await this.#file?.truncate(this.#size)
      throw error
    }
    for (const [index, event] of events.entries()) {
      this.#note(event, this.#size + records[index].length)
    }
  }

  /** Makes appended events durable. @throws Error of the file system, or if the file was removed */
  async sync(): Promise<void> {
    await this.#file?.sync()
    if (await this.#file?.isRemoved()) throw new Error(`${this.#folder} or its files were removed`)
  }

  /** Takes out the first events. @throws Error of the file system if another attempt can succeed */
  async take(limit: BatchSize, damage: Damage): Promise<Taken[]> {
    const taking = this.#take(limit, damage)
    this.#reading = taking.catch(() => {})
    try {
      return await taking
    } finally {
      this.#reading = undefined
    }
  }

  async #take(limit: BatchSize, damage: Damage): Promise<Taken[]> {
    try {
      this.#file ??= await SegmentFile.open(this.#folder, this.number)
      const { stored, isDamaged } = await this.#file.read(this.#readTo, this.#size, limit)
      const taken = stored.map(({ event, end }) => {
        this.#unread.remove(event)
        this.#oldest = event.arrived
        this.#readTo = end
        return { event, behind: { segment: this.number, offset: end } }
      })
      if (isDamaged) this.#giveUp('was changed by another program', damage)
      return taken
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      if (transient.has(code)) throw error
      this.#giveUp(message, damage)
      return []
    }
  }

  #giveUp(reason: string, damage: Damage): void {
    const unread = this.#unread
    this.#forget()
    damage(unread, `${segmentPath(this.#folder, this.number)}: ${reason}`)
  }

  /** Closes the file, not while it is read; it is opened again when it is read. */
  async close(): Promise<void> {
    while (this.#reading !== undefined) await this.#reading
    const file = this.#file
    this.#file = undefined
    await file?.close()
  }

  /** The same, unless its name was removed: its events could not be read any more. */
  async release(): Promise<void> {
    const isRemoved = await this.#file?.isRemoved().catch(() => false)
    if (!isRemoved) await this.close()
  }
}
