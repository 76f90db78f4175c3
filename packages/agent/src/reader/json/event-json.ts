import { type EventClass, eventClass } from '@tetragon-ts/outputs/queue'
import { LineBuffer } from '../line-buffer.ts'
import type { NodeFields } from './node-fields.ts'
import { ProcessOffsets } from './process-offsets.ts'
import type { WallClock } from './wall-clock.ts'

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
