import type { Outputs } from '@tetragon-ts/outputs'
import { classOfFrame, frameEnd, framePrefix } from '../reader/outputs/framing.ts'
import type { OutputLink } from '../reader/outputs/output-tap.ts'
import { SharedRing } from '../reader/outputs/shared-ring.ts'

/** Bytes that are read before connections get a turn. */
const slice = 1 << 18
/** Time between two looks at the ring, in milliseconds: the reader need not wake this thread. */
const interval = 10

/** Reads events from the reader's thread and hands them to the outputs. */
export class OutputRing {
  readonly #ring: SharedRing
  readonly #link: OutputLink
  readonly #outputs: Outputs
  #next: NodeJS.Timeout | undefined
  /** Events wait in the ring. */
  #isHeld = false

  constructor(link: OutputLink, outputs: Outputs) {
    this.#link = link
    this.#ring = new SharedRing(link.ring)
    this.#outputs = outputs
    link.port.on('message', () => this.#proceed())
    this.#proceed()
  }

  /** Reads a slice, then waits for more or sleeps. */
  #proceed(): void {
    clearTimeout(this.#next)
    if (this.#isHeld) return
    const hasRead = this.#readSlice()
    if (hasRead || !this.#ring.sleep()) {
      this.#next = setTimeout(() => this.#proceed(), this.#ring.used > slice ? 0 : interval)
    }
  }

  /** @returns whether there was something */
  #readSlice(): boolean {
    const chunk = this.#ring.read(slice)
    const now = Date.now()
    for (let at = 0, end = 0; chunk !== undefined && at < chunk.length; at = end) {
      end = frameEnd(chunk, at)
      this.#outputs.add(classOfFrame(chunk, at), chunk.subarray(at + framePrefix, end), now)
    }
    const lost = this.#ring.takeLost()
    if (lost !== undefined) this.#outputs.lose(lost)
    return chunk !== undefined
  }

  /** Reads nothing until an action is done. The ring counts the events that it has no space for. */
  async holdDuring<T>(action: () => Promise<T>): Promise<T> {
    this.#isHeld = true
    try {
      return await action()
    } finally {
      this.#isHeld = false
      this.#proceed()
    }
  }

  /** Reads everything that the reader, which has ended, has written. */
  finish(): void {
    clearTimeout(this.#next)
    while (this.#readSlice()) {}
    this.#link.port.close()
  }
}
