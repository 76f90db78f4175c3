import { type EventClass, eventClass, QueueShares } from '@tetragon-ts/outputs/queue'
import { framePrefix } from '../../../reader/outputs/framing.ts'

/** Consecutive framed messages. */
export interface FrameRange {
  readonly bytes: Uint8Array
  readonly from: number
  readonly to: number
}

/**
 * Framed messages that are written to a gRPC stream together: calling the library for each one
 * would cost many times their creation. The batch replaces one message in grpc-js, which allocates
 * memory for the message and a prefix, writes the prefix and copies the message after it. These
 * messages include their prefixes, so they overwrite all of it.
 */
export class FrameBatch {
  readonly #ranges: readonly FrameRange[]
  /** Length of the message for grpc-js. */
  readonly byteLength: number

  /** @param ranges with at least one message */
  constructor(ranges: readonly FrameRange[]) {
    this.#ranges = ranges
    let length = 0
    for (const { from, to } of ranges) length += to - from
    this.byteLength = length - framePrefix
  }

  /** Fills the memory allocated by grpc-js. */
  copy(target: Uint8Array): void {
    let at = 0
    for (const { bytes, from, to } of this.#ranges) {
      target.set(bytes.subarray(from, to), at)
      at += to - from
    }
  }
}

/** Limits of a client's queue. */
export interface QueueLimits {
  readonly events: number
  readonly bytes: number
}

/** Messages are copied to memory of this size: as much as is written at a time. */
const copiesSize = 2 ** 16

/** Consecutive messages of one class. */
interface Waiting extends FrameRange {
  readonly eventClass: EventClass
  to: number
  count: number
}

/**
 * Framed messages that wait for one client, in order. Each class of events has its share of the
 * queue; messages that do not fit are counted and dropped.
 */
export class ClientQueue {
  readonly #limits: QueueLimits
  readonly #events: QueueShares
  readonly #bytes: QueueShares
  readonly #waiting: Waiting[] = []
  /** Index of the first range that was not taken. */
  #first = 0
  #lost = 0
  /** Memory for copies of messages, filled up to the end. */
  #copies = Buffer.alloc(0)
  #copiesEnd = 0

  constructor(limits: QueueLimits) {
    this.#limits = limits
    this.#events = new QueueShares(limits.events)
    this.#bytes = new QueueShares(limits.bytes)
  }

  /** Number of queued messages. */
  get length(): number {
    return this.#events.used
  }

  /** Whether it is more than a quarter full: half of what hook events alone can fill. */
  get isCrowded(): boolean {
    const { events, bytes } = this.#limits
    return this.#events.used > events / 4 || this.#bytes.used > bytes / 4
  }

  /** Appends a message. @returns false if there is no room for its class */
  push(bytes: Uint8Array, from: number, to: number, of: EventClass): boolean {
    if (!this.#hasRoom(to - from, of)) return false
    this.#append(bytes, from, to, of)
    return true
  }

  /** The same for one of few messages of a large buffer, which it does not keep alive. */
  pushCopy(bytes: Buffer, from: number, to: number, of: EventClass): boolean {
    const size = to - from
    if (!this.#hasRoom(size, of)) return false
    if (this.#copies.length - this.#copiesEnd < size) {
      this.#copies = Buffer.allocUnsafeSlow(Math.max(size, copiesSize))
      this.#copiesEnd = 0
    }
    const at = this.#copiesEnd
    bytes.copy(this.#copies, at, from, to)
    this.#copiesEnd = at + size
    this.#append(this.#copies, at, at + size, of)
    return true
  }

  #hasRoom(size: number, of: EventClass): boolean {
    if (!this.#isOpen(of) || this.#events.room(of) < 1) return false
    return this.length === 0 || this.#bytes.room(of) >= size
  }

  /** After a loss, a part of the queue must be free again. */
  #isOpen(of: EventClass): boolean {
    const [events, bytes] = [this.#events, this.#bytes]
    if (events.hasClosed) events.reopen()
    if (bytes.hasClosed) bytes.reopen()
    return events.isOpen(of) && bytes.isOpen(of)
  }

  /** Appends the notice of a loss, even if the queue is full. */
  appendNotice(frame: Buffer): void {
    this.#append(frame, 0, frame.length, eventClass.process)
  }

  #append(bytes: Uint8Array, from: number, to: number, of: EventClass): void {
    this.#bytes.add(of, to - from)
    this.#events.add(of, 1)
    const last = this.#waiting.at(-1)
    if (last?.bytes === bytes && last.to === from && last.eventClass === of) {
      last.to = to
      last.count++
    } else {
      this.#waiting.push({ bytes, from, to, count: 1, eventClass: of })
    }
  }

  /** Counts a message that there was no room for. */
  lose(of: EventClass): void {
    this.#events.close(of)
    this.#bytes.close(of)
    this.#lost++
  }

  /** Counts messages that were lost before. */
  addLost(count: number): void {
    this.#lost += count
  }

  /** Takes the oldest messages, about the given number of bytes; undefined if there are none. */
  take(limit: number): FrameBatch | undefined {
    if (this.length === 0) return undefined
    const taken: Waiting[] = []
    for (let bytes = 0; bytes < limit && this.#first < this.#waiting.length; this.#first++) {
      const range = this.#waiting[this.#first]
      const size = range.to - range.from
      taken.push(range)
      bytes += size
      this.#bytes.remove(range.eventClass, size)
      this.#events.remove(range.eventClass, range.count)
    }
    if (this.#first === this.#waiting.length || this.#first > 1024) {
      this.#waiting.splice(0, this.#first)
      this.#first = 0
    }
    return new FrameBatch(taken)
  }

  /** Losses since the last call, when all classes have room again; otherwise zero. */
  takeLost(): number {
    if (this.#lost === 0) return 0
    this.#events.reopen()
    this.#bytes.reopen()
    if (this.#events.hasClosed || this.#bytes.hasClosed) return 0
    const lost = this.#lost
    this.#lost = 0
    return lost
  }
}
