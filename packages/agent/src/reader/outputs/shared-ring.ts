import { frameEnd, framePrefix } from './framing.ts'

/** Words of the control block. */
const head = 0
const tail = 1
const lost = 2
const asleep = 3
const attached = 4
const controlBytes = 64

/**
 * A ring of messages in shared memory, with one writer and one reader in different threads.
 * Messages are framed as in a gRPC stream. The writer never waits: whole messages that do not fit
 * are counted and dropped. Positions count bytes modulo 2^32.
 */
export class SharedRing {
  readonly buffer: SharedArrayBuffer
  readonly #control: Int32Array
  readonly #bytes: Uint8Array
  readonly #mask: number
  /** End of the messages when the reader noticed a loss. */
  #lostAt: number | undefined

  /** @param memory from {@link makeRingMemory}, or the `buffer` of the ring of the other thread */
  constructor(memory: SharedArrayBuffer) {
    this.buffer = memory
    this.#control = new Int32Array(memory, 0, controlBytes / 4)
    this.#bytes = new Uint8Array(memory, controlBytes)
    this.#mask = this.#bytes.length - 1
  }

  /**
   * Adds `length` bytes of whole messages, or as many of them as fit.
   * @param missing messages that were lost before
   * @returns whether the reader sleeps and must be woken
   */
  write(bytes: Uint8Array, length: number, missing = 0): boolean {
    const at = Atomics.load(this.#control, head)
    const free = this.#bytes.length - ((at - Atomics.load(this.#control, tail)) >>> 0)
    const end = length <= free ? length : endOfMessages(bytes, free)
    if (end > 0) {
      this.#copyIn(bytes, end, at & this.#mask)
      Atomics.store(this.#control, head, (at + end) | 0)
    }
    const left = missing + (end < length ? countMessages(bytes, end, length) : 0)
    if (left > 0) Atomics.add(this.#control, lost, left)
    return Atomics.exchange(this.#control, asleep, 0) === 1
  }

  #copyIn(bytes: Uint8Array, length: number, at: number): void {
    const first = Math.min(length, this.#bytes.length - at)
    this.#bytes.set(bytes.subarray(0, first), at)
    if (first < length) this.#bytes.set(bytes.subarray(first, length), 0)
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
    let end = endOfMessages(chunk, chunk.length)
    if (end === 0) {
      end = frameEnd(chunk, 0)
      chunk = this.#copyOut(at & this.#mask, end)
    }
    Atomics.store(this.#control, tail, (at + end) | 0)
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

  /** Lost messages since the last report; zero while there are messages from before the loss. */
  takeLost(): number {
    if (Atomics.load(this.#control, lost) === 0) return 0
    this.#lostAt ??= Atomics.load(this.#control, head)
    const unread = (this.#lostAt - Atomics.load(this.#control, tail)) | 0
    if (unread > 0) return 0
    this.#lostAt = undefined
    return Atomics.exchange(this.#control, lost, 0)
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

/** Length of the whole messages within the first `limit` bytes. */
function endOfMessages(bytes: Uint8Array, limit: number): number {
  for (let at = 0; ; ) {
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
