import { mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { BatchSize, QueuedEvent } from '../queue/event-store.ts'
import type { DiskWatch } from './disk-watch.ts'
import { onDisk } from './on-disk.ts'
import { type Position, PositionFile } from './position-file.ts'
import { recordHead } from './record.ts'
import { type Damage, type Recovered, Segment, type Taken } from './segment.ts'
import { segmentHead, segmentNumber, segmentPath } from './segment-file.ts'
import { Unread } from './unread.ts'

/** Segments with larger numbers are not ours. */
const numberMax = 1e14
/** The end of the name of a file that was a segment and is not readable as one. */
const damagedName = '.damaged'

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

  /** @param segmentSize maximum size of a segment, in bytes */
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
  async recover(watch: DiskWatch): Promise<readonly Unread[]> {
    await watch.over(makeFolder(this.#folder))
    const numbers = (await watch.over(onDisk(() => readdir(this.#folder)))).map(segmentNumber)
    const ours = numbers.filter((each) => each !== undefined && each < numberMax) as number[]
    ours.sort((a, b) => a - b)
    const given = await watch.over(this.#position.read().catch(() => undefined))
    const position = given !== undefined && given.segment < numberMax ? given : undefined
    this.#next = Math.max(position?.segment ?? 0, ours.at(-1) ?? 0) + 1
    const all: (Recovered & { readonly number: number })[] = []
    for (const number of ours) {
      const isDone = position !== undefined && number < position.segment
      if (isDone) await watch.over(this.#remove(number))
      if (isDone) continue
      const from = number === position?.segment ? position.offset : segmentHead
      const offset = Math.max(from, segmentHead)
      const recovered = await watch.over(Segment.recover(this.#folder, number, offset))
      all.push({ number, ...recovered })
    }
    // An error above means another attempt: only now damage is counted, and files are changed.
    const segments: Segment[] = []
    for (const { number, segment, damage } of all) {
      if (segment === undefined) await watch.over(this.#setAside(number))
      else if (segment.unread.count === 0) await watch.over(this.#remove(number))
      else {
        if (damage !== undefined) await watch.over(segment.trim())
        segments.push(segment)
      }
    }
    this.#reportDamage(all.flatMap(({ damage }) => damage ?? []))
    this.#segments = segments
    return segments.map(({ unread }) => unread)
  }

  #reportDamage(messages: readonly string[]): void {
    if (messages.length === 0) return
    const more = messages.length > 1 ? `, and ${messages.length - 1} more segments` : ''
    this.#damage(Unread.unknown(messages.length), `${messages[0]}${more}`)
  }

  /** Keeps the last file that is not readable as a segment, under a name that is never read. */
  async #setAside(number: number): Promise<void> {
    const path = segmentPath(this.#folder, number)
    try {
      for (const name of await onDisk(() => readdir(this.#folder))) {
        const old = join(this.#folder, name)
        if (name.endsWith(damagedName)) await onDisk(() => rm(old)).catch(() => {})
      }
      await onDisk(() => rename(path, `${path}${damagedName}`))
    } catch {
      // It is counted again at the next start.
    }
  }

  /** Number of events that wait. */
  get length(): number {
    return this.#segments.reduce((sum, { unread }) => sum + unread.count, 0)
  }

  /** When the first of them arrived, or earlier. */
  get oldest(): number | undefined {
    return this.#segments.find(({ unread }) => unread.count > 0)?.oldest
  }

  /**
   * Appends events, all or none. They have to fit into a segment.
   * @param signal aborted: the events are not to be appended any more
   * @throws Error of the file system, or the reason of the signal
   */
  async append(events: readonly QueuedEvent[], signal: AbortSignal): Promise<void> {
    const bytes = events.reduce((sum, { line }) => sum + recordHead + line.length, 0)
    const full = this.#written
    if (full !== undefined && full.size + bytes > this.#segmentSize) {
      await this.sync()
      this.#written = undefined
      await full.close()
    }
    this.#written ??= await this.#create()
    const segment = this.#written
    try {
      await segment.append(events, signal)
    } catch (error) {
      // The content of its file is uncertain now.
      await this.#leave(segment)
      throw error
    }
    // Only now: a flush during the write would have missed the end of it.
    this.#isDirty = true
  }

  /** Stops to write a segment; one without events is removed. */
  async #leave(segment: Segment): Promise<void> {
    this.#written = undefined
    if (segment.size > segmentHead) return segment.release()
    this.#segments = this.#segments.filter((each) => each !== segment)
    await segment.close()
    await this.#remove(segment.number)
  }

  async #create(): Promise<Segment> {
    const number = this.#next++
    const segment = await Segment.create(this.#folder, number).catch(async (error) => {
      if (error.code !== 'ENOENT') throw error
      // Without its parents: those are left to the agent's start, which locks the folder.
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
    const segment = this.#written
    if (!this.#isDirty || segment === undefined) return
    this.#isDirty = false
    try {
      await segment.sync()
      if (this.#hasNewNames) await syncFolder(this.#folder)
      this.#hasNewNames = false
    } catch (error) {
      if (this.#written === segment) await this.#leave(segment)
      throw error
    }
  }

  /** Takes out the first events. @throws Error of the file system if another attempt can succeed */
  async take(limit: BatchSize): Promise<Taken[]> {
    const segment = this.#segments.find(({ unread }) => unread.count > 0)
    if (segment === undefined) return []
    const taken = await segment.take(limit, this.#damage)
    if (segment.unread.count === 0 && segment !== this.#written) await segment.close()
    return taken
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

  /**
   * Removes a segment, of which everything that was taken is acknowledged, if there will be no more
   * in it. Events in front of it can wait.
   * @returns whether it was removed
   */
  removeTaken(number: number): boolean {
    const segment = this.#segments.find((each) => each.number === number)
    const isTaken = segment !== undefined && segment !== this.#written && segment.unread.count === 0
    if (!isTaken) return false
    this.#segments = this.#segments.filter((each) => each !== segment)
    void segment.close()
    void this.#remove(number)
    return true
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
    const path = segmentPath(this.#folder, number)
    await onDisk(() => rm(path, { force: true })).catch(() => {})
  }
}

/** Creates a folder, if it is missing. */
async function makeFolder(path: string): Promise<void> {
  await onDisk(() => mkdir(path, 0o700)).catch((error) => {
    if (error.code !== 'EEXIST') throw error
  })
}

/** New names in a folder are durable only after this. */
async function syncFolder(path: string): Promise<void> {
  const folder = await onDisk(() => open(path, 'r'))
  try {
    await onDisk(() => folder.sync())
  } finally {
    await onDisk(() => folder.close())
  }
}
