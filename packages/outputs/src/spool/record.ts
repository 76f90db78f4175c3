import { crc32 } from 'node:zlib'
import { type EventClass, eventClasses } from '../queue/event-class.ts'
import type { QueuedEvent } from '../queue/event-store.ts'

/*
 * A record in a segment, in little-endian order:
 *
 *   0  u32  length of the line
 *   4  u32  CRC-32 of everything behind it
 *   8  u8   class of the event
 *   9  f64  when it arrived, in milliseconds since 1970
 *  17       the line
 */
export const recordHead = 17
const checkedFrom = 8
/** Longest line: events are shorter than the ring between the threads. */
export const lineMax = 1 << 24

/** An event as a record. */
export function encodeRecord({ eventClass, line, arrived }: QueuedEvent): Buffer {
  const record = Buffer.allocUnsafe(recordHead + line.length)
  record.writeUInt32LE(line.length, 0)
  record.writeUInt8(eventClass, 8)
  record.writeDoubleLE(arrived, 9)
  record.set(line, recordHead)
  record.writeUInt32LE(crc32(record.subarray(checkedFrom)), 4)
  return record
}

/** What is at a position: a record, a part of one, or anything else. */
export type Decoded =
  | { readonly kind: 'record'; readonly event: QueuedEvent; readonly end: number }
  /** @property needed bytes of the whole record, as far as known */
  | { readonly kind: 'incomplete'; readonly needed: number }
  | { readonly kind: 'damaged' }

/** Reads a record. The event keeps the memory of the bytes alive. */
export function decodeRecord(bytes: Buffer, at: number): Decoded {
  const available = bytes.length - at
  if (available < recordHead) return { kind: 'incomplete', needed: recordHead }
  const length = bytes.readUInt32LE(at)
  if (length === 0 || length > lineMax) return { kind: 'damaged' }
  const needed = recordHead + length
  if (available < needed) return { kind: 'incomplete', needed }
  const end = at + needed
  const eventClass = bytes[at + 8] as EventClass
  const arrived = bytes.readDoubleLE(at + 9)
  const isRight =
    crc32(bytes.subarray(at + checkedFrom, end)) === bytes.readUInt32LE(at + 4) &&
    eventClasses.includes(eventClass) &&
    Number.isFinite(arrived)
  if (!isRight) return { kind: 'damaged' }
  const line = bytes.subarray(at + recordHead, end)
  return { kind: 'record', event: { eventClass, line, arrived }, end }
}
