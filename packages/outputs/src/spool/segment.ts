import type { BatchSize, QueuedEvent } from '../queue/event-store.ts'
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

/** A segment of a spool: events are appended, and read once. */
export class Segment {
  readonly number: number
  readonly #folder: string
  #file: SegmentFile | undefined
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
   * @returns undefined if the file is not readable as a segment
   * @throws Error of the file system if another attempt can succeed
   */
  static async recover(
    folder: string,
    number: number,
    acknowledged: number,
    damage: Damage,
  ): Promise<Segment | undefined> {
    const segment = new Segment(folder, number)
    try {
      const file = await SegmentFile.open(folder, number)
      try {
        await segment.#count(file, acknowledged, damage)
      } finally {
        await file.close()
      }
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      if (transient.has(code)) throw error
      damage(Unread.unknown, `${segmentPath(folder, number)}: ${message}`)
      return undefined
    }
    return segment
  }

  async #count(file: SegmentFile, acknowledged: number, damage: Damage): Promise<void> {
    const end = await file.size()
    let isDamaged = false
    while (this.#size < end && !isDamaged) {
      const read = await file.read(this.#size, end, countedAtOnce)
      isDamaged = read.isDamaged
      for (const { event, end: behind } of read.stored) {
        this.#note(event, behind)
        // Positions within a record are not ours: then everything is sent again.
        if (behind === acknowledged) this.#forget()
      }
    }
    // The receiver has events that the power cut has taken from the disk.
    if (acknowledged > this.#size) this.#forget()
    else if (isDamaged) {
      const path = segmentPath(this.#folder, this.number)
      damage(Unread.unknown, `${path}: ${end - this.#size} bytes at its end are not whole events`)
    }
  }

  #note(event: QueuedEvent, behind: number): void {
    this.#unread.add(event)
    this.#oldest ??= event.arrived
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

  /** Appends events: all or none. @throws Error of the file system */
  async append(events: readonly QueuedEvent[]): Promise<void> {
    const records = events.map(encodeRecord)
    try {
      await this.#file?.write(Buffer.concat(records), this.#size)
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

  /** Closes the file; it is opened again when it is read. */
  async close(): Promise<void> {
    const file = this.#file
    this.#file = undefined
    await file?.close()
  }
}
