import {
  type ClassCounts,
  type EventClass,
  eventClasses,
  noCounts,
  QueueShares,
  sumOf,
} from '@tetragon-ts/outputs/queue'
import { bytesOf, type LineRun } from '../json/event-lines.ts'
import { classOfFrame, frameEnd, framePrefix } from './framing.ts'

/** Words of the control block. */
const head = 0
const tail = 1
const asleep = 2
const attached = 3
/** The first of a word for each class: lost messages, and bytes that the reader removed. */
const lost = 4
const removed = lost + eventClasses.length
const controlBytes = 64

/**
 * A ring of messages in shared memory, with one writer and one reader in different threads.
 * Messages are framed as in a gRPC stream, with their classes as flags. The writer never waits:
 * whole messages that do not fit into the share of their class are counted and dropped. Positions
 * count bytes modulo 2^32.
 */
export class SharedRing {
  readonly buffer: SharedArrayBuffer
  readonly #control: Int32Array
  readonly #bytes: Uint8Array
  readonly #mask: number
  /** The writer's view of the messages in the ring. */
  readonly #shares: QueueShares
  /** What the writer knows of the bytes that the reader removed, by class, modulo 2^32. */
  readonly #seenRemoved = noCounts()
  /** End of the messages when the reader noticed a loss. */
  #lostAt: number | undefined

  /** @param memory from {@link makeRingMemory}, or the `buffer` of the ring of the other thread */
  constructor(memory: SharedArrayBuffer) {
    this.buffer = memory
    this.#control = new Int32Array(memory, 0, controlBytes / 4)
    this.#bytes = new Uint8Array(memory, controlBytes)
    this.#mask = this.#bytes.length - 1
    this.#shares = new QueueShares(this.#bytes.length)
  }

  /**
   * Adds messages, as far as they fit.
   * @param runs the messages by class
   * @param missing messages that were lost before
   * @returns whether the reader sleeps and must be woken
   */
  write(bytes: Uint8Array, runs: readonly LineRun[], missing?: ClassCounts): boolean {
    this.#lookAtRemoved()
    const sizes = bytesOf(runs, 0)
    if (this.#shares.fits(sizes)) this.#add(bytes, 0, runs.at(-1)?.to ?? 0, sizes)
    else this.#addFitting(bytes, runs)
    if (missing) for (const each of eventClasses) this.#lose(each, missing[each])
    return Atomics.exchange(this.#control, asleep, 0) === 1
  }

  #addFitting(bytes: Uint8Array, runs: readonly LineRun[]): void {
    let from = 0
    for (const { eventClass: of, to } of runs) {
      const room = Math.max(0, this.#shares.room(of))
      const end = to - from <= room ? to : endOfMessages(bytes, from, from + room)
      const sizes = noCounts()
      sizes[of] = end - from
      this.#add(bytes, from, end, sizes)
      if (end < to) this.#lose(of, countMessages(bytes, end, to))
      from = to
    }
  }

  #add(bytes: Uint8Array, from: number, to: number, sizes: ClassCounts): void {
    if (from === to) return
    const at = Atomics.load(this.#control, head)
    this.#copyIn(bytes, from, to, at & this.#mask)
    for (const each of eventClasses) this.#shares.add(each, sizes[each])
    Atomics.store(this.#control, head, (at + to - from) | 0)
  }

  #lose(of: EventClass, count: number): void {
    if (count > 0) Atomics.add(this.#control, lost + of, count)
  }

  #lookAtRemoved(): void {
    for (const each of eventClasses) {
      const now = Atomics.load(this.#control, removed + each)
      this.#shares.remove(each, (now - this.#seenRemoved[each]) >>> 0)
      this.#seenRemoved[each] = now
    }
  }

  #copyIn(bytes: Uint8Array, from: number, to: number, at: number): void {
    const middle = Math.min(to, from + this.#bytes.length - at)
    this.#bytes.set(bytes.subarray(from, middle), at)
    if (middle < to) this.#bytes.set(bytes.subarray(middle, to), 0)
  }

  /** Bytes that the reader has not removed. */
  get used(): number {
    return (Atomics.load(this.#control, head) - Atomics.load(this.#control, tail)) >>> 0
  }

  /** Removes messages: about `limit` bytes, at least one message. Undefined if there is none. */
  read(limit: number): Buffer | undefined {
    const at = Atomics.load(this.#control, tail)
    const filled = (Atomics.load(this.#control, head) - at) >>> 0
    if (filled === 0) return undefined
    let chunk = this.#copyOut(at & this.#mask, Math.min(filled, Math.max(limit, framePrefix)))
    let end = endOfMessages(chunk, 0, chunk.length)
    if (end === 0) {
      end = frameEnd(chunk, 0)
      chunk = this.#copyOut(at & this.#mask, end)
    }
    Atomics.store(this.#control, tail, (at + end) | 0)
    // After that: the writer must not see more room than there is.
    const sizes = noCounts()
    for (let from = 0; from < end; ) {
      const next = frameEnd(chunk, from)
      sizes[classOfFrame(chunk, from)] += next - from
      from = next
    }
    for (const each of eventClasses) Atomics.add(this.#control, removed + each, sizes[each])
    return chunk.subarray(0, end)
  }

  #copyOut(at: number, length: number): Buffer {
    const chunk = Buffer.allocUnsafeSlow(length)
    const first = Math.min(length, this.#bytes.length - at)
    chunk.set(this.#bytes.subarray(at, at + first))
    if (first < length) chunk.set(this.#bytes.subarray(0, length - first), first)
    return chunk
  }

  /** Marks the ring as used by the writer. */
  attach(): void {
    Atomics.store(this.#control, attached, 1)
  }

  /** Whether the writer has started. */
  get isAttached(): boolean {
    return Atomics.load(this.#control, attached) === 1
  }

  /**
   * Lost messages since the last report, by class; undefined if there are none, or while there are
   * messages from before the loss.
   */
  takeLost(): ClassCounts | undefined {
    if (sumOf(eventClasses.map((each) => Atomics.load(this.#control, lost + each))) === 0) {
      return undefined
    }
    this.#lostAt ??= Atomics.load(this.#control, head)
    const unread = (this.#lostAt - Atomics.load(this.#control, tail)) | 0
    if (unread > 0) return undefined
    this.#lostAt = undefined
    return eventClasses.map((each) => Atomics.exchange(this.#control, lost + each, 0))
  }

  /** The reader goes to sleep. @returns false if messages are available: then it stays awake */
  sleep(): boolean {
    Atomics.store(this.#control, asleep, 1)
    const isEmpty = Atomics.load(this.#control, head) === Atomics.load(this.#control, tail)
    if (!isEmpty) Atomics.store(this.#control, asleep, 0)
    return isEmpty
  }
}

/** Memory for a ring. @param size bytes; a power of two */
export function makeRingMemory(size: number): SharedArrayBuffer {
  return new SharedArrayBuffer(controlBytes + size)
}

/** End of the whole messages between `from` and `limit`. */
function endOfMessages(bytes: Uint8Array, from: number, limit: number): number {
  for (let at = from; ; ) {
    const end = at + framePrefix <= limit ? frameEnd(bytes, at) : limit + 1
    if (end > limit) return at
    at = end
  }
}

function countMessages(bytes: Uint8Array, from: number, to: number): number {
  let messages = 0
  for (let at = from; at < to; at = frameEnd(bytes, at)) messages++
  return messages
}
