import { FrameBatch, type FrameRange } from './frame-batch.ts'

/** Limits of a client's queue. */
export interface QueueLimits {
  readonly events: number
  readonly bytes: number
}

interface Waiting extends FrameRange {
  to: number
  count: number
}

/** Framed messages that wait for one client. Messages that do not fit are counted and dropped. */
export class ClientQueue {
  readonly #limits: QueueLimits
  readonly #waiting: Waiting[] = []
  /** Index of the first range that was not taken. */
  #first = 0
  #bytes = 0
  #lost = 0
  #length = 0

  constructor(limits: QueueLimits) {
    this.#limits = limits
  }

  /** Number of queued messages. */
  get length(): number {
    return this.#length
  }

  get isHalfFull(): boolean {
    const { events, bytes } = this.#limits
    return this.#length > events / 2 || this.#bytes > bytes / 2
  }

  /** Appends a message. @returns false if there is no room */
  push(bytes: Uint8Array, from: number, to: number): boolean {
    const { events, bytes: bytesMax } = this.#limits
    // After a loss, a good part must be free again; otherwise each message would be followed by a
    // notice.
    const isFull = this.#lost > 0 ? this.#length > events / 2 : this.#length >= events
    if (isFull || (this.#length > 0 && this.#bytes + to - from > bytesMax)) return false
    this.append(bytes, from, to)
    return true
  }

  /** Appends a message even if the queue is full, such as the notice of a loss. */
  append(bytes: Uint8Array, from: number, to: number): void {
    this.#bytes += to - from
    this.#length++
    const last = this.#waiting.at(-1)
    if (last?.bytes === bytes && last.to === from) {
      last.to = to
      last.count++
    } else {
      this.#waiting.push({ bytes, from, to, count: 1 })
    }
  }

  /** Counts messages that were lost here or before. */
  addLost(count: number): void {
    this.#lost += count
  }

  /** Takes the oldest messages, about the given number of bytes; undefined if there are none. */
  take(limit: number): FrameBatch | undefined {
    if (this.#length === 0) return undefined
    const taken: Waiting[] = []
    for (let bytes = 0; bytes < limit && this.#first < this.#waiting.length; this.#first++) {
      const range = this.#waiting[this.#first]
      taken.push(range)
      bytes += range.to - range.from
      this.#bytes -= range.to - range.from
      this.#length -= range.count
    }
    if (this.#first === this.#waiting.length || this.#first > 1024) {
      this.#waiting.splice(0, this.#first)
      this.#first = 0
    }
    return new FrameBatch(taken)
  }

  /** Losses since the last call, if there is room for a notice; otherwise zero. */
  takeLost(): number {
    if (this.#lost === 0 || this.#length > this.#limits.events / 2) return 0
    const lost = this.#lost
    this.#lost = 0
    return lost
  }
}
