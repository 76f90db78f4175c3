import { SharedRing } from '../../server/events/shared-ring.ts'

/**
 * Hands events to another thread while that wants them. The other thread never slows this one down:
 * what it does not fetch in time is counted in the ring and left out.
 */
export class EventTap {
  readonly #wake: () => void
  #ring: SharedRing | undefined

  /** @param wake called when the other thread sleeps and there is something for it */
  constructor(wake: () => void) {
    this.#wake = wake
  }

  /** Begins to hand over events through a ring, and wakes its reader to say so; or ends it. */
  stream(memory: SharedArrayBuffer | undefined): void {
    this.#ring = memory && new SharedRing(memory)
    if (this.#ring === undefined) return
    this.#ring.attach()
    this.#wake()
  }

  /** Whether anybody wants events. */
  get isOpen(): boolean {
    return this.#ring !== undefined
  }

  /** Hands over `length` bytes of whole lines. */
  write(bytes: Uint8Array, length: number): void {
    if (this.#ring?.write(bytes, length)) this.#wake()
  }
}
