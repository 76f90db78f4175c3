import { mkdir, open, readdir, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { BatchSize, QueuedEvent } from '../queue/event-store.ts'
import { type Position, PositionFile } from './position-file.ts'
import { type Damage, Segment, type Taken } from './segment.ts'
import { segmentHead, segmentNumber, segmentPath } from './segment-file.ts'
import type { Unread } from './unread.ts'

/** Segments with larger numbers are not ours. */
const numberMax = 1e14

/** The segments of a spool in order, and what of them was acknowledged. */
export class Segments {
  readonly #folder: string
  readonly #segmentSize: number
  readonly #damage: Damage
  readonly #position: PositionFile
  /** All with events that are not acknowledged, and the one that is written. */
  #segments: Segment[] = []
  #written: Segment | undefined
  #next = 1
  /** Whether appended events, or names of new files, are not durable yet. */
  #isDirty = false
  #hasNewNames = false

  /** @param segmentSize bytes of a segment, unless a single event has more */
  constructor(folder: string, segmentSize: number, damage: Damage) {
    this.#folder = folder
    this.#segmentSize = segmentSize
    this.#damage = damage
    this.#position = new PositionFile(folder)
  }

  /**
   * Counts what earlier agents have left. Their segments are not appended to: after a power cut, a
   * position can be durable whose events are not.
   * @throws Error of the file system
   */
  async recover(): Promise<readonly Unread[]> {
    await makeFolder(this.#folder)
    const numbers = (await readdir(this.#folder)).map(segmentNumber)
    const ours = numbers.filter((each) => each !== undefined && each < numberMax) as number[]
    ours.sort((a, b) => a - b)
    const given = await this.#position.read().catch(() => undefined)
    const position = given !== undefined && given.segment < numberMax ? given : undefined
    this.#next = Math.max(position?.segment ?? 0, ours.at(-1) ?? 0) + 1
    const segments: Segment[] = []
    for (const number of ours) {
      if (position !== undefined && number < position.segment) {
        await this.#remove(number)
        continue
      }
      const from = number === position?.segment ? position.offset : segmentHead
      const segment = await Segment.recover(this.#folder, number, from, this.#damage)
      if (segment === undefined) continue
      if (segment.unread.count > 0) segments.push(segment)
      else await this.#remove(number)
    }
    this.#segments = segments
    return segments.map(({ unread }) => unread)
  }

  /** Number of events that wait. */
  get length(): number {
    return this.#segments.reduce((sum, { unread }) => sum + unread.count, 0)
  }

  /** When the first of them arrived, or earlier. */
  get oldest(): number | undefined {
    return this.#segments.find(({ unread }) => unread.count > 0)?.oldest
  }

  /** Appends events, all or none. @throws Error of the file system */
  async append(events: readonly QueuedEvent[]): Promise<void> {
    if (this.#written !== undefined && this.#written.size >= this.#segmentSize) {
      await this.sync()
      this.#written = undefined
    }
    this.#written ??= await this.#create()
    const segment = this.#written
    this.#isDirty = true
    try {
      await segment.append(events)
    } catch (error) {
      // What its file contains now is uncertain.
      await this.#leave(segment)
      throw error
    }
  }

  /** Stops to write a segment; one without events is removed. */
  async #leave(segment: Segment): Promise<void> {
    this.#written = undefined
    if (segment.size > segmentHead) return
    this.#segments = this.#segments.filter((each) => each !== segment)
    await segment.close()
    await this.#remove(segment.number)
  }

  async #create(): Promise<Segment> {
    const number = this.#next++
    const segment = await Segment.create(this.#folder, number).catch(async (error) => {
      if (error.code !== 'ENOENT') throw error
      await makeFolder(this.#folder)
      await this.#position.close()
      return Segment.create(this.#folder, number)
    })
    this.#segments.push(segment)
    this.#hasNewNames = true
    return segment
  }

  /** Makes appended events durable. @throws Error of the file system */
  async sync(): Promise<void> {
    if (!this.#isDirty) return
    this.#isDirty = false
    try {
      await this.#written?.sync()
      if (this.#hasNewNames) await syncFolder(this.#folder)
      this.#hasNewNames = false
    } catch (error) {
      this.#written = undefined
      throw error
    }
  }

  /** Takes out the first events. @throws Error of the file system if another attempt can succeed */
  async take(limit: BatchSize): Promise<Taken[]> {
    const segment = this.#segments.find(({ unread }) => unread.count > 0)
    return segment === undefined ? [] : segment.take(limit, this.#damage)
  }

  /** The receiver has everything in front of a position. */
  acknowledge(position: Position): void {
    this.#position.write(position)
    for (let first = this.#segments[0]; first !== undefined; first = this.#segments[0]) {
      const isDone = first.number < position.segment || position.offset >= first.size
      if (first.number > position.segment || !isDone || first === this.#written) return
      this.#segments.shift()
      void first.close()
      void this.#remove(first.number)
    }
  }

  /** Ends. Without unacknowledged events, no segments are left. */
  async close(hasEvents: boolean): Promise<void> {
    await this.#position.close()
    for (const each of this.#segments) {
      await each.close()
      if (!hasEvents) await this.#remove(each.number)
    }
  }

  async #remove(number: number): Promise<void> {
    await rm(segmentPath(this.#folder, number), { force: true }).catch(() => {})
  }
}

/** Creates a folder and its parents: the recursive mkdir of Node.js 20 hides errors of the disk. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, 0o700)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return
    if (code !== 'ENOENT') throw error
    await makeFolder(dirname(path))
    await mkdir(path, 0o700)
  }
}

/** New names in a folder are durable only after this. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
