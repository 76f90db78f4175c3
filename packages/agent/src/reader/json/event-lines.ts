import { type ClassCounts, type EventClass, eventClass, noCounts } from '@tetragon-ts/outputs/queue'
import { ByteWriter } from '../../bytes/byte-writer.ts'
import type { NodeFields } from './node-fields.ts'
import { ProcessOffsets } from './process-offsets.ts'

const newline = 0x0a

/** Lines of events with their classes. */
export class LineBuffer extends ByteWriter {
  #runs: LineRun[] = []

  /** A line of this class ends here. */
  endLine(eventClass: EventClass): void {
    addLines(this.#runs, eventClass, this.length)
  }

  /** Removes the last line, which begins at `from`. */
  dropLine(from: number): void {
    this.length = from
    const last = this.#runs.at(-1)
    if (last === undefined) return
    last.to = from
    if (--last.lines === 0) this.#runs.pop()
  }

  /** Classes of the lines. A receiver may keep them until the buffer is cleared, and after that. */
  get runs(): readonly LineRun[] {
    return this.#runs
  }

  /** Class of the last line. */
  get lastClass(): EventClass {
    return this.#runs[this.#runs.length - 1].eventClass
  }

  override clear(): void {
    super.clear()
    this.#runs = []
  }
}

/** Consecutive lines, or messages, of one class in a buffer. */
export interface LineRun {
  readonly eventClass: EventClass
  /** End of the last one; the first begins at the end of the run before. */
  to: number
  lines: number
}

/** Number of lines by class. */
export function linesOf(runs: readonly LineRun[]): number[] {
  const counts = noCounts()
  for (const { eventClass, lines } of runs) counts[eventClass] += lines
  return counts
}

/** Number of bytes by class. @param from start of the first run */
export function bytesOf(runs: readonly LineRun[], from: number): ClassCounts {
  const counts = noCounts()
  let start = from
  for (const { eventClass, to } of runs) {
    counts[eventClass] += to - start
    start = to
  }
  return counts
}

/** Adds lines to runs. */
export function addLines(runs: LineRun[], eventClass: EventClass, to: number, lines = 1): void {
  const last = runs.at(-1)
  if (last?.eventClass === eventClass) {
    last.to = to
    last.lines += lines
  } else {
    runs.push({ eventClass, to, lines })
  }
}

/**
 * The lines that do not end before a position, which may be within a line.
 * @param from start of the first run
 */
export function runsAfter(
  runs: readonly LineRun[],
  bytes: Buffer,
  from: number,
  position: number,
): LineRun[] {
  const after: LineRun[] = []
  let start = from
  for (const run of runs) {
    const done = position > start ? countLines(bytes, start, Math.min(position, run.to)) : 0
    if (run.to > position) after.push({ ...run, lines: run.lines - done })
    start = run.to
  }
  return after
}

/** Counts whole lines. */
export function countLines(bytes: Buffer, from: number, to: number): number {
  let lines = 0
  for (let at = from; at < to; lines++) {
    const end = bytes.indexOf(newline, at)
    if (end < 0 || end >= to) return lines
    at = end + 1
  }
  return lines
}

const billion = 1_000_000_000
/** 2^32 ns = 4 s + this many ns. */
const highRest = 294_967_296

/** Lines of event JSON that are collected before they are written. */
export class EventBuffer extends LineBuffer {
  /** Offsets of processes in the lines. */
  readonly processOffsets = new ProcessOffsets()
  /** Where the findings of the last event begin, its last member; 0: it has none. */
  findingsAt = 0

  override clear(): void {
    super.clear()
    this.processOffsets.clear()
  }

  override dropLine(from: number): void {
    super.dropLine(from)
    this.processOffsets.dropFrom(from)
  }

  /** Removes an event that begins at `from` and has no envelope yet. */
  dropEvent(from: number): void {
    this.length = from
    this.processOffsets.dropFrom(from)
  }
}

/** Converts boot times to RFC 3339. The date is formatted once per second. */
export class WallClock {
  #epochSeconds = 0
  #epochNanoseconds = 0
  #second = -1
  #prefix: Uint8Array = Buffer.alloc(0)

  /** @param bootEpochNs wall-clock time of the boot */
  constructor(bootEpochNs: bigint) {
    this.set(bootEpochNs)
  }

  /** Updates the relation between the clocks: call it periodically. */
  set(bootEpochNs: bigint): void {
    this.#epochSeconds = Number(bootEpochNs / BigInt(billion))
    this.#epochNanoseconds = Number(bootEpochNs % BigInt(billion))
  }

  /** Milliseconds since 1970 of a time in nanoseconds since boot, given as its halves. */
  milliseconds(high: number, low: number): number {
    const rest = high * highRest + low + this.#epochNanoseconds
    return (this.#epochSeconds + high * 4) * 1000 + Math.floor(rest / 1_000_000)
  }

  /**
   * Writes a time in nanoseconds since boot, given as the halves of the 64-bit number, in protobuf
   * JSON form: no fraction, or one of 3, 6 or 9 digits.
   */
  write(out: ByteWriter, high: number, low: number): void {
    // Exact: high is below 2^21 for any uptime, so all numbers here are below 2^53. The operator %
    // is slow for numbers beyond 32 bits.
    const rest = high * highRest + low + this.#epochNanoseconds
    const wholeSeconds = Math.floor(rest / billion)
    const seconds = this.#epochSeconds + high * 4 + wholeSeconds
    const nanoseconds = (rest - wholeSeconds * billion) | 0
    if (seconds !== this.#second) {
      this.#second = seconds
      this.#prefix = Buffer.from(new Date(seconds * 1000).toISOString().slice(0, 19))
    }
    out.append(this.#prefix)
    if (nanoseconds > 0) {
      out.byte(0x2e) // .
      if (nanoseconds % 1_000_000 === 0) out.digits(nanoseconds / 1_000_000, 3)
      else if (nanoseconds % 1000 === 0) out.digits(nanoseconds / 1000, 6)
      else out.digits(nanoseconds, 9)
    }
    out.byte(0x5a) // Z
  }
}

/** Values of the members that all events have. */
export interface Envelope {
  readonly out: EventBuffer
  readonly clock: WallClock
  readonly node: NodeFields
}

/**
 * The end of all events: node and time. The event's own object is already closed.
 * @param of class of the event
 * @param count number of hits that the event stands for
 * @param findings the member with what detection rules have found; empty if nothing
 */
export function writeEnvelope(
  { out, clock, node }: Envelope,
  of: EventClass,
  timeHigh: number,
  timeLow: number,
  count = 1,
  findings = '',
): void {
  writeNode(out, node)
  out.latin1(',"time":"')
  clock.write(out, timeHigh, timeLow)
  out.byte(0x22)
  if (count > 1) out.latin1(aggregationInfo(count))
  out.findingsAt = findings === '' ? 0 : out.length
  out.latin1(findings)
  out.latin1('}\n')
  out.endLine(findings === '' ? of : eventClass.enforcement)
}

/** The same for a mapped file, whose event has no time. */
export function writeTimelessEnvelope({ out, node }: Envelope): void {
  writeNode(out, node)
  out.findingsAt = 0
  out.latin1('}\n')
  out.endLine(eventClass.hook)
}

function writeNode(out: EventBuffer, node: NodeFields): void {
  out.append(node.bytes)
  const { labels } = node
  if (labels !== undefined && out.processOffsets.isOn) {
    out.processOffsets.add(labels, out.length - labels.head.length, out.length)
  }
}

/** The member with the number of hits that an event stands for. */
export function aggregationInfo(count: number): string {
  return `,"aggregation_info":{"count":"${count}"}`
}

/** An unknown process. @param timeHigh its start, or the time of its first hit */
export function writeUnknownProcess(
  { out, clock }: Envelope,
  pid: number,
  timeHigh: number,
  timeLow: number,
): void {
  out.latin1('{"pid":')
  out.decimal(pid)
  out.latin1(',"flags":"unknown","start_time":"')
  clock.write(out, timeHigh, timeLow)
  out.latin1('"}')
}
