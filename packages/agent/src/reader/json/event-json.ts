import { type EventClass, eventClass } from '@tetragon-ts/outputs/queue'
import type { ByteWriter } from '../../bytes/byte-writer.ts'
import { LineBuffer } from '../line-buffer.ts'
import type { NodeFields } from './node-fields.ts'
import { ProcessOffsets } from './process-offsets.ts'

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
