import { SharedRing } from '../../server/events/shared-ring.ts'
import type { Sink } from './sink.ts'

/**
 * Hands events to another thread besides writing them to a sink. The other thread never slows this
 * one down: what it does not fetch in time is counted in the ring and left out.
 */
export class StreamSink implements Sink {
  readonly #sink: Sink
  readonly #wake: () => void
  #ring: SharedRing | undefined

  /** @param wake called when the other thread sleeps and there is something for it */
  constructor(sink: Sink, wake: () => void) {
    this.#sink = sink
    this.#wake = wake
  }

  /** Begins to hand over events through a ring, and wakes its reader to say so; or ends it. */
  stream(memory: SharedArrayBuffer | undefined): void {
    this.#ring = memory && new SharedRing(memory)
    if (this.#ring === undefined) return
    this.#ring.attach()
    this.#wake()
  }

  write(bytes: Uint8Array, length: number): void {
    if (this.#ring?.write(bytes, length)) this.#wake()
    this.#sink.write(bytes, length)
  }

  get lostEvents(): number {
    return this.#sink.lostEvents
  }

  close(): void {
    this.#ring = undefined
    this.#sink.close()
  }
}
