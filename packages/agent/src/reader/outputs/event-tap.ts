import { GetEventsResponse, Transcoder, WireBuffer } from '@tetragon-ts/api'
import { type ClassCounts, type EventClass, noCounts } from '@tetragon-ts/outputs/queue'
import { addLines, type LineBuffer, type LineRun } from '../json/event-lines.ts'
import type { ProcessOffsets } from '../json/process-offsets.ts'
import { framePrefix, putFrame } from './framing.ts'
import { SharedRing } from './shared-ring.ts'

const newline = 0x0a
/** A larger buffer, caused by one huge event, is released. */
const largestKept = 1 << 24

/**
 * Hands events to another thread as protobuf, while that thread consumes them. The other thread
 * never blocks this one: events that it does not fetch in time are counted in the ring and dropped.
 */
export class EventTap {
  readonly #processOffsets: ProcessOffsets
  readonly #wake: () => void
  readonly #onFailure: (message: string) => void
  #hasFailed = false
  #open: { readonly ring: SharedRing; readonly wire: WireEvents } | undefined

  /**
   * @param processOffsets of processes in the written events
   * @param wake called when the other thread sleeps and events are available
   * @param onFailure called once, with the reason, if an event cannot be converted
   */
  constructor(
    processOffsets: ProcessOffsets,
    wake: () => void,
    onFailure: (message: string) => void,
  ) {
    this.#processOffsets = processOffsets
    this.#wake = wake
    this.#onFailure = onFailure
  }

  /** Starts to write events to a ring, and wakes its reader; or stops. */
  stream(memory: SharedArrayBuffer | undefined): void {
    this.#processOffsets.clear(memory !== undefined)
    this.#open = memory && {
      ring: new SharedRing(memory),
      wire: new WireEvents(this.#processOffsets),
    }
    if (this.#open === undefined) return
    this.#open.ring.attach()
    this.#wake()
  }

  /** Whether there is a consumer. */
  get isOpen(): boolean {
    return this.#open !== undefined
  }

  /** Writes lines. */
  write(lines: LineBuffer): void {
    if (this.#open === undefined) return
    const { ring, wire } = this.#open
    wire.encode(lines)
    if (wire.failure !== undefined && !this.#hasFailed) {
      this.#hasFailed = true
      this.#onFailure(`convert an event for clients: ${wire.failure.message}`)
    }
    if (ring.write(wire.bytes, wire.runs, wire.takeFailed())) this.#wake()
  }
}

/** Converts lines of event JSON to protobuf messages, framed with their classes. */
export class WireEvents {
  readonly #transcoder = new Transcoder(GetEventsResponse)
  readonly #processOffsets: ProcessOffsets
  #out = new WireBuffer()
  #runs: LineRun[] = []
  #failed = noCounts()
  /** Why the last failed line could not be converted; undefined: none has failed. */
  failure: Error | undefined

  /** @param processOffsets of processes in the lines */
  constructor(processOffsets: ProcessOffsets) {
    this.#processOffsets = processOffsets
  }

  /** Messages of the last lines. */
  get bytes(): Uint8Array {
    return this.#out.bytes
  }

  /** Bytes of these messages. */
  get length(): number {
    return this.#out.length
  }

  /** The messages by class. */
  get runs(): readonly LineRun[] {
    return this.#runs
  }

  /**
   * Lines since the last call that could not be converted, by class, which is a bug of the agent.
   */
  takeFailed(): ClassCounts {
    const failed = this.#failed
    this.#failed = noCounts()
    return failed
  }

  /** Converts lines. */
  encode({ bytes, runs }: Pick<LineBuffer, 'bytes' | 'runs'>): void {
    if (this.#out.bytes.length > largestKept) this.#out = new WireBuffer()
    this.#out.length = 0
    this.#runs = []
    let at = 0
    for (const { eventClass, to } of runs) {
      while (at < to) at = this.#encodeLine(bytes, at, to, eventClass)
    }
  }

  /** @returns the start of the next line */
  #encodeLine(lines: Buffer, at: number, limit: number, of: EventClass): number {
    const out = this.#out
    const start = out.length
    out.reserve(framePrefix)
    out.length += framePrefix
    try {
      const end = this.#transcoder.append(out, lines, at, this.#processOffsets) + 1
      putFrame(out.bytes, start, out.length, of)
      addLines(this.#runs, of, out.length)
      return end
    } catch (error) {
      this.failure = error as Error
      out.length = start
      this.#failed[of]++
      const end = lines.indexOf(newline, at)
      return end < 0 ? limit : end + 1
    }
  }
}
