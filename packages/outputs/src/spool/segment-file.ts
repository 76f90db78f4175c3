import { constants, type Stats } from 'node:fs'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { BatchSize, QueuedEvent } from '../queue/event-store.ts'
import { onDisk } from './on-disk.ts'
import { decodeRecord } from './record.ts'

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR } = constants

/** The first bytes of a segment: a name, and the version of the format. */
const magic = Buffer.from('tetspool')
const version = 1
/** Bytes in front of the first record: the magic, the version, and the segment's number. */
export const segmentHead = 20
/** Bytes that are read at a time, unless a record is longer. */
const chunkSize = 1 << 18

const namePattern = /^(\d{15})\.segment$/

/** The number of a segment; undefined if the file is none. */
export function segmentNumber(name: string): number | undefined {
  const [, digits] = namePattern.exec(name) ?? []
  return digits === undefined ? undefined : Number(digits)
}

/** The path of a segment. */
export function segmentPath(folder: string, number: number): string {
  return join(folder, `${String(number).padStart(15, '0')}.segment`)
}

/** An event in a segment. */
export interface StoredEvent {
  readonly event: QueuedEvent
  /** Where its record ends. */
  readonly end: number
}

/** Consecutive events of a segment. */
export interface StoredEvents {
  readonly stored: readonly StoredEvent[]
  /** Whether the bytes that follow are not a record: the file ends here. */
  readonly isDamaged: boolean
}

/** A segment as a file. */
export class SegmentFile {
  readonly #handle: FileHandle

  private constructor(handle: FileHandle) {
    this.#handle = handle
  }

  /** Creates a segment that can also be read. @throws Error of the file system */
  static async create(folder: string, number: number): Promise<SegmentFile> {
    const path = segmentPath(folder, number)
    const flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW
    const file = new SegmentFile(await onDisk(() => open(path, flags, 0o600)))
    try {
      await file.write(headOf(number), 0)
    } catch (error) {
      await file.close()
      await onDisk(() => rm(path, { force: true })).catch(() => {})
      throw error
    }
    return file
  }

  /** Opens an existing segment. @throws Error of the file system, or if it is not a segment */
  static async open(folder: string, number: number): Promise<SegmentFile> {
    const path = segmentPath(folder, number)
    const flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK
    const file = new SegmentFile(await onDisk(() => open(path, flags)))
    try {
      const isFile = (await file.#stat()).isFile()
      const head = isFile ? await file.#bytes(0, segmentHead) : undefined
      // The head is incomplete if the agent was killed while it created the file.
      if (head !== undefined && headOf(number).subarray(0, head.length).equals(head)) return file
      throw new Error('not a segment of this spool')
    } catch (error) {
      await file.close()
      throw error
    }
  }

  /**
   * Reads events: at least one, if there is one in front of `end`.
   * @throws Error of the file system
   */
  async read(from: number, end: number, limit: BatchSize): Promise<StoredEvents> {
    const stored: StoredEvent[] = []
    let total = 0
    let wanted = chunkSize
    for (let at = from; at < end; ) {
      const bytes = await this.#bytes(at, Math.min(at + wanted, end))
      let used = 0
      let next = decodeRecord(bytes, used)
      for (; next.kind === 'record'; next = decodeRecord(bytes, used)) {
        total += next.event.line.length
        const isFull = total > limit.bytes || stored.length >= limit.events
        if (stored.length > 0 && isFull) return { stored, isDamaged: false }
        used = next.end
        stored.push({ event: next.event, end: at + used })
      }
      if (next.kind === 'damaged') return { stored, isDamaged: true }
      // A record that is longer than what was read, or the file is shorter than the record says.
      const canGrow = next.needed > wanted && at + bytes.length < end
      if (used === 0 && !canGrow) return { stored, isDamaged: true }
      wanted = Math.max(chunkSize, next.needed)
      at += used
    }
    return { stored, isDamaged: false }
  }

  /** Writes all bytes at a position. @throws Error of the file system */
  async write(bytes: Buffer, at: number): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const left = bytes.length - done
      const written = await onDisk(() => this.#handle.write(bytes, done, left, at + done))
      done += written.bytesWritten
    }
  }

  /** Removes a part of a batch, if possible. Readers stop there anyway. */
  async truncate(size: number): Promise<void> {
    await onDisk(() => this.#handle.truncate(size)).catch(() => {})
  }

  /** Makes what was written durable. @throws Error of the file system */
  async sync(): Promise<void> {
    await onDisk(() => this.#handle.datasync())
  }

  /** The size in bytes. @throws Error of the file system */
  async size(): Promise<number> {
    return (await this.#stat()).size
  }

  /** Whether its name was removed. @throws Error of the file system */
  async isRemoved(): Promise<boolean> {
    return (await this.#stat()).nlink === 0
  }

  async close(): Promise<void> {
    await onDisk(() => this.#handle.close()).catch(() => {})
  }

  #stat(): Promise<Stats> {
    return onDisk(() => this.#handle.stat())
  }

  /** Bytes of the file; less than requested at its end. */
  async #bytes(from: number, to: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafeSlow(to - from)
    let filled = 0
    while (filled < bytes.length) {
      const left = bytes.length - filled
      const { bytesRead } = await onDisk(() => {
        return this.#handle.read(bytes, filled, left, from + filled)
      })
      if (bytesRead === 0) break
      filled += bytesRead
    }
    return bytes.subarray(0, filled)
  }
}

function headOf(number: number): Buffer {
  const head = Buffer.alloc(segmentHead)
  magic.copy(head)
  head.writeUInt32LE(version, 8)
  head.writeBigUInt64LE(BigInt(number), 12)
  return head
}
