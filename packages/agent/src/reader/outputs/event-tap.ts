import type { ProcessOffsets } from '../json/process-offsets.ts'
import { SharedRing } from './shared-ring.ts'
import { WireEvents } from './wire-events.ts'

/**
 * Hands events to another thread, as protobuf, while that wants them. The other thread never slows
 * this one down: what it does not fetch in time is counted in the ring and left out.
 */
export class EventTap {
  readonly #processOffsets: ProcessOffsets
  readonly #wake: () => void
  #open: { readonly ring: SharedRing; readonly wire: WireEvents } | undefined

  /**
   * @param processOffsets of processes in what is written
   * @param wake called when the other thread sleeps and there is something for it
   */
  constructor(processOffsets: ProcessOffsets, wake: () => void) {
    this.#processOffsets = processOffsets
    this.#wake = wake
  }

  /** Begins to hand over events through a ring, and wakes its reader to say so; or ends it. */
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

  /** Whether anybody wants events. */
  get isOpen(): boolean {
    return this.#open !== undefined
  }

  /** Hands over `length` bytes of whole lines. */
  write(lines: Uint8Array, length: number): void {
    if (this.#open === undefined) return
    const { ring, wire } = this.#open
    wire.encode(lines, length)
    if (ring.write(wire.bytes, wire.length, wire.takeFailed())) this.#wake()
  }
}
