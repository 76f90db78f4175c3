import { findEventKind } from '@tetragon-ts/api'
import { readDecoded } from './decoded-events.ts'
import type { ReadLine, RecordedEvent } from './record-reader.ts'

/** An event as the line that it has in a file. */
export interface EventLine extends RecordedEvent {
  /** Name of the kind of event, such as `process_exec`. */
  readonly key: string
  /** JSON without line end; part of a larger buffer. */
  readonly line: Buffer
}

const quote = 0x22
const [openingBrace, closingBrace] = [0x7b, 0x7d]
/** Where the name of the first member begins. */
const keyStart = 2
const timeMember = Buffer.from('"time":"')
/** The longest time in RFC 3339 with nanoseconds and a zone. */
const timeLength = 35

/**
 * Reads only what must be known of an event to pass it on: its kind, which is its first member, and
 * its time. Lines of any other form are decoded.
 */
export const readEventLine: ReadLine<EventLine> = (buffer, start, end, timeBefore) => {
  const line = buffer.subarray(start, end)
  const keyEnd = line.indexOf(quote, keyStart)
  const key = line.toString('latin1', keyStart, keyEnd)
  const isPlain =
    line[0] === openingBrace &&
    line[1] === quote &&
    findEventKind(key) !== undefined &&
    line[line.length - 1] === closingBrace
  const time = isPlain ? timeIn(line) : Number.NaN
  if (!Number.isNaN(time)) return { time, key, line }
  const read = readDecoded(buffer, start, end, timeBefore)
  return 'failure' in read ? read : { time: read.time, key: read.event.key, line }
}

/** The time of an event, which is the last of its members with that name; NaN if there is none. */
function timeIn(line: Buffer): number {
  const at = line.lastIndexOf(timeMember)
  if (at < 0) return Number.NaN
  const from = at + timeMember.length
  const to = line.indexOf(quote, from)
  return to - from > timeLength ? Number.NaN : Date.parse(line.toString('latin1', from, to))
}
