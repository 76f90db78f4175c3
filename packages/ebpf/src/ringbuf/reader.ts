import { type Doorbell, Memory, pageSize, Waiter } from '../sys/index.ts'

// Bits of a record's length word: kernel/bpf/ringbuf.c, include/uapi/linux/bpf.h.
const busy = 0x8000_0000
const discarded = 0x4000_0000
const lengthMask = 0x3fff_ffff
/** struct bpf_ringbuf_hdr: length and flags, then the page offset that only the kernel needs. */
const headerSize = 8

/** How long the reader rests after a round, and after how much rest without a record it blocks. */
const restMs = { shortest: 4, longest: 48 }
const idleMs = 48

/** Why a wait ended: there may be records, the doorbell rang, or the time was up. */
export type Wakeup = 'records' | 'doorbell' | 'timeout'

export interface RingBufferStatistics {
  /** Records given to callbacks. */
  readonly records: number
  /** Records that programs reserved and discarded. */
  readonly discards: number
  /** Bytes in the ring that were not read yet, headers included. */
  readonly pending: number
}

/**
 * Reads a ring buffer in place: no record is copied. Kernel 5.8. Waiting blocks the thread, so the
 * reader belongs into a worker; a descriptor is good in all threads of a process. One ring has one
 * reader at a time.
 *
 * How the memory is shared (kernel/bpf/ringbuf.c): one page holds the consumer's position, which
 * only we write; then one page with the producers' position, and the data area twice in a row, so
 * that a record never wraps. Of the second time only as much is mapped as a record may reach into
 * it: the kernel counts every page of it as ours. Positions are 64-bit counts of bytes since the
 * beginning.
 */
export class RingBufferReader implements Disposable {
  /** The data area, and its beginning once more. Records are valid during the callback only. */
  readonly bytes: Uint8Array
  /** The same memory as 32-bit words: offset / 4. */
  readonly words: Uint32Array
  /** The same memory for reads of any size. */
  readonly view: DataView
  readonly #consumerPage: Memory
  readonly #producerPages: Memory
  readonly #consumer: BigUint64Array
  /**
   * Low half of the producers' position. It is enough: what is pending is at most the size of the
   * ring, 2 GiB, so the difference modulo 2^32 is exact, and no BigInt is made per record. (Both
   * architectures are little-endian.)
   */
  readonly #producer: Uint32Array
  readonly #mask: number
  /** Part of the ring that is given back in one go; more than it in one round ends long rests. */
  readonly #share: number
  /** The position that the kernel has, and the low half of the position that was read. */
  #published: bigint
  #position: number
  #unpublished = 0
  /** Records that the read under way may return. */
  #limit = 0
  #records = 0
  #discards = 0
  readonly #doorbell: Doorbell | undefined
  readonly #waiter: Waiter
  /** Waits for the doorbell alone. */
  readonly #resting: Waiter
  #rest = 0
  /** Rest so far without a record. */
  #idle = 0
  #positionAtWait: number
  #closed = false

  /**
   * @param fd descriptor of the map; it stays the caller's and must be open while we wait
   * @param size bytes of the ring, as declared
   * @param doorbell wakes {@link wait} as well; it stays the caller's
   * @param largest bytes of the largest record that programs write
   * @throws SystemCallError
   */
  constructor(fd: number, size: number, doorbell?: Doorbell, largest = size) {
    const repeated = Math.min(size, Math.ceil((largest + headerSize) / pageSize) * pageSize)
    this.#consumerPage = Memory.map(fd, 0, pageSize, true, 'ring buffer position')
    try {
      const length = pageSize + size + repeated
      this.#producerPages = Memory.map(fd, pageSize, length, false, 'ring buffer data')
    } catch (error) {
      this.#consumerPage.free()
      throw error
    }
    const consumerBuffer = this.#consumerPage.bytes.buffer
    const buffer = this.#producerPages.bytes.buffer
    this.#consumer = new BigUint64Array(consumerBuffer, 0, 1)
    this.#producer = new Uint32Array(buffer, 0, 1)
    this.bytes = new Uint8Array(buffer, pageSize, size + repeated)
    this.words = new Uint32Array(buffer, pageSize, (size + repeated) / 4)
    this.view = new DataView(buffer, pageSize, size + repeated)
    this.#mask = size - 1
    this.#share = size / 8
    this.#published = Atomics.load(this.#consumer, 0)
    this.#position = Number(BigInt.asUintN(32, this.#published))
    this.#doorbell = doorbell
    this.#positionAtWait = this.#position
    this.#waiter = new Waiter(doorbell ? [fd, doorbell.fd.number] : [fd])
    this.#resting = new Waiter(doorbell ? [doorbell.fd.number] : [])
  }

  /**
   * Reads what is there and returns without waiting.
   * @param callback gets a record's place: offset into {@link bytes} (a multiple of 8) and length.
   * When it throws, its record counts as read.
   * @param limit records at most
   * @returns records read
   */
  read(callback: (offset: number, length: number) => void, limit = Infinity): number {
    if (this.#closed) throw new Error('read ring buffer: it was closed before')
    const { words } = this
    const mask = this.#mask
    let records = 0
    this.#limit = limit
    try {
      while (records < this.#limit) {
        // Acquires: a producer raises its position after it has marked its record busy, so the
        // header below is never older than the position.
        const producer = Atomics.load(this.#producer, 0)
        if (producer === this.#position) break
        while (this.#position !== producer && records < this.#limit) {
          const at = this.#position & mask
          // Acquires: the producer clears the busy bit (xchg) after it has filled the record.
          const header = Atomics.load(words, at >>> 2)
          // Records are read in the order of their reservation: a busy one holds up the rest.
          if ((header & busy) !== 0) return records
          const length = header & lengthMask
          const step = (length + headerSize + 7) & ~7
          this.#position = (this.#position + step) >>> 0
          this.#unpublished += step
          if ((header & discarded) === 0) {
            records++
            callback(at + headerSize, length)
          } else {
            this.#discards++
          }
          // A reader that works through a full ring gives room back in between.
          if (this.#unpublished >= this.#share) this.#publish()
        }
      }
      return records
    } finally {
      this.#records += records
      // Always before the caller may wait: the kernel wakes us only for the record that stands at
      // our position, that is when it takes us for having caught up. With a position that lags it
      // would stay silent, and poll would report the old records as new ones.
      if (this.#unpublished > 0) this.#publish()
    }
  }

  /**
   * Visits the records from a position on, and leaves them in the ring: they stay valid until
   * {@link release}.
   * @param callback is that of {@link read}; it ends the visit by `false`, before its record
   * @param from a position that this method returned; by default the next unread one
   * @returns the position after the last record that was visited
   */
  peek(callback: (offset: number, length: number) => boolean, from = this.#position): number {
    if (this.#closed) throw new Error('peek into ring buffer: it was closed before')
    const { words } = this
    let position = from
    for (;;) {
      const producer = Atomics.load(this.#producer, 0)
      if (producer === position) return position
      while (position !== producer) {
        const at = position & this.#mask
        const header = Atomics.load(words, at >>> 2)
        if ((header & busy) !== 0) return position
        const length = header & lengthMask
        const isSkipped = (header & discarded) !== 0
        if (!isSkipped && !callback(at + headerSize, length)) return position
        position = (position + ((length + headerSize + 7) & ~7)) >>> 0
      }
    }
  }

  /** Gives back the records before a position that {@link peek} returned. */
  release(position: number): void {
    const step = (position - this.#position) >>> 0
    if (step === 0) return
    this.#position = position
    this.#unpublished += step
    this.#publish()
  }

  /** For callbacks: ends the read that is under way after this record. */
  stop(): void {
    this.#limit = 0
  }

  /** Publishes the reader's position in one 64-bit store: the kernel must never see half of it. */
  #publish(): void {
    this.#published += BigInt(this.#unpublished)
    this.#unpublished = 0
    // Releases: all our reads of the records are done before their room is given away.
    Atomics.store(this.#consumer, 0, this.#published)
  }

  /**
   * Waits until a read is worth while, blocking the thread. After a read that found records it
   * rests for a while, whatever comes in: a producer pays about a microsecond for waking a reader,
   * but next to nothing while the reader is behind, and each time the reader runs it may push the
   * producer to another CPU. The first rest is short, and each is twice as long as the one before
   * while there is something to read, as long as a round brings a small part of the ring only: when
   * much comes in, rests are short, so that the ring does not fill up. After some rest without a
   * record it blocks until the kernel wakes it, so an idle ring costs nothing and the first event
   * after a pause is read immediately. The doorbell ends a rest.
   * @param timeoutMs milliseconds, -1 for no limit
   */
  wait(timeoutMs = -1): Wakeup {
    if (this.#closed) throw new Error('wait for ring buffer: it was closed before')
    if (this.#doorbell?.answer()) return 'doorbell'
    if (timeoutMs === 0) return this.pending > 0 ? 'records' : 'timeout'
    this.#setPace()
    const rest = this.#rest
    if (this.#idle < idleMs) {
      const ms = timeoutMs < 0 ? rest : Math.min(rest, timeoutMs)
      this.#idle += ms
      if (this.#resting.wait(ms) && this.#doorbell?.answer()) return 'doorbell'
      return this.pending === 0 && timeoutMs > 0 && timeoutMs <= rest ? 'timeout' : 'records'
    }
    const woken = this.#waiter.wait(timeoutMs)
    if (woken) {
      // A record that is reserved but not yet filled counts as input for poll: rest before the next
      // poll, so as not to spin.
      this.#idle = 0
      this.#rest = 0
    }
    if (this.#doorbell?.answer()) return 'doorbell'
    return woken ? 'records' : 'timeout'
  }

  /** Chooses the next rest by what was read since the last wait. */
  #setPace(): void {
    const brought = (this.#position - this.#positionAtWait) >>> 0
    this.#positionAtWait = this.#position
    if (brought > 0) this.#idle = 0
    if (brought > this.#share) this.#rest = restMs.shortest
    // Twice the rest brings twice as much.
    else if (brought > 0 && 2 * brought <= this.#share) {
      this.#rest = Math.min(2 * this.#rest, restMs.longest)
    }
    if (this.#rest < restMs.shortest) this.#rest = restMs.shortest
  }

  /** Bytes in the ring that were not read yet, headers included. */
  get pending(): number {
    if (this.#closed) return 0
    return (Atomics.load(this.#producer, 0) - this.#position) >>> 0
  }

  /** Bytes of the ring. */
  get size(): number {
    return this.#mask + 1
  }

  /** How far reading is. */
  get position(): number {
    return this.#position
  }

  /** How far the producers are, for {@link hasReached}. */
  get end(): number {
    if (this.#closed) return this.#position
    return Atomics.load(this.#producer, 0)
  }

  /** Whether everything up to an `end` of the last 2 GiB was read. */
  hasReached(end: number): boolean {
    return ((this.#position - end) | 0) >= 0
  }

  /** Counts since the reader was made. */
  statistics(): RingBufferStatistics {
    return { records: this.#records, discards: this.#discards, pending: this.pending }
  }

  /** Gives the mappings back. `bytes`, `words` and `view` must not be touched afterwards. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#waiter.close()
    this.#resting.close()
    this.#consumerPage.free()
    this.#producerPages.free()
  }

  [Symbol.dispose](): void {
    this.close()
  }
}
