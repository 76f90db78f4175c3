import type { ProcessOffsets } from '../json/process-offsets.ts'
import type { LineBuffer } from '../line-buffer.ts'
import { SharedRing } from './shared-ring.ts'
import { WireEvents } from './wire-events.ts'

/**
 * Hands events to another thread as protobuf, while that thread consumes them. The other thread
 * never blocks this one: events that it does not fetch in time are counted in the ring and dropped.
 */
export class EventTap {
  readonly #processOffsets: ProcessOffsets
  readonly #wake: () => void
  #open: { readonly ring: SharedRing; readonly wire: WireEvents } | undefined

  /**
   * @param processOffsets of processes in the written events
   * @param wake called when the other thread sleeps and events are available
   */
  constructor(processOffsets: ProcessOffsets, wake: () => void) {
    this.#processOffsets = processOffsets
    this.#wake = wake
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
    if (ring.write(wire.bytes, wire.runs, wire.takeFailed())) this.#wake()
  }
}
