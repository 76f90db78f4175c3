import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { onDisk } from './on-disk.ts'

const { O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_RDWR } = constants

/** Up to where the receiver has the events. */
export interface Position {
  /** Number of a segment. */
  readonly segment: number
  /** Bytes in it. */
  readonly offset: number
}

/** A slot: number of the write, segment, offset, each u64, and a CRC-32 of them. */
const slotSize = 28
const checked = 24

/**
 * Writes the position to one of two slots in turn: whatever ends the agent or the machine, at least
 * one is whole. An older position only means that events are sent twice, so it is never flushed.
 */
export class PositionFile {
  readonly #path: string
  #handle: FileHandle | undefined
  #writes = 0
  #next: Position | undefined
  #writing: Promise<void> | undefined

  constructor(folder: string) {
    this.#path = join(folder, 'position')
  }

  /** The last position; undefined if there is none. @throws Error of the file system */
  async read(): Promise<Position | undefined> {
    const slots = Buffer.alloc(2 * slotSize)
    const handle = await this.#open()
    await onDisk(() => handle.read(slots, 0, slots.length, 0))
    const last = readPosition(slots)
    this.#writes = last?.writes ?? 0
    return last
  }

  /** Writes a position soon; failures are ignored, since an older one loses nothing. */
  write(position: Position): void {
    this.#next = position
    this.#writing ??= this.#writeLatest().finally(() => {
      this.#writing = undefined
    })
  }

  async #writeLatest(): Promise<void> {
    try {
      while (this.#next !== undefined) {
        const position = this.#next
        this.#next = undefined
        const slot = encodeSlot(position, ++this.#writes)
        const handle = await this.#open()
        const at = (this.#writes % 2) * slotSize
        await onDisk(() => handle.write(slot, 0, slotSize, at))
      }
    } catch {
      await this.#drop()
    }
  }

  async #open(): Promise<FileHandle> {
    if (this.#handle !== undefined) return this.#handle
    const flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK
    const handle = await onDisk(() => open(this.#path, flags, 0o600))
    this.#handle = handle
    return handle
  }

  async #drop(): Promise<void> {
    const handle = this.#handle
    this.#handle = undefined
    if (handle !== undefined) await onDisk(() => handle.close()).catch(() => {})
  }

  /** Ends after what is to be written. */
  async close(): Promise<void> {
    await this.#writing
    await this.#drop()
  }
}

function encodeSlot({ segment, offset }: Position, writes: number): Buffer {
  const slot = Buffer.alloc(slotSize)
  for (const [index, value] of [writes, segment, offset].entries()) {
    slot.writeBigUInt64LE(BigInt(value), index * 8)
  }
  slot.writeUInt32LE(crc32(slot.subarray(0, checked)), checked)
  return slot
}

/** A position, and the number of its write. */
interface Slot extends Position {
  readonly writes: number
}

/** Reads the content of such a file. */
export function readPosition(content: Buffer): Slot | undefined {
  const [a, b] = [readSlot(content, 0), readSlot(content, slotSize)]
  return b === undefined || (a !== undefined && a.writes > b.writes) ? a : b
}

function readSlot(slots: Buffer, at: number): Slot | undefined {
  const slot = slots.subarray(at, at + slotSize)
  if (slot.length < slotSize) return undefined
  if (crc32(slot.subarray(0, checked)) !== slot.readUInt32LE(checked)) return undefined
  const [writes, segment, offset] = [0, 8, 16].map((from) => Number(slot.readBigUInt64LE(from)))
  if (![writes, segment, offset].every(Number.isSafeInteger)) return undefined
  return { writes, segment, offset }
}
