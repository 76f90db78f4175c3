import { type Fd, Memory, pageSize } from '../sys/index.ts'

/** Fields of struct perf_event_mmap_page (include/uapi/linux/perf_event.h), in 64-bit words. */
const headAt = 1024 / 8
const tailAt = 1032 / 8
/** struct perf_event_header: type, misc and size. */
const headerSize = 8
/** The size of a record has 16 bits. */
const recordMax = 1 << 16

/** A record: valid during the callback only. */
export interface PerfRecord {
  /** PERF_RECORD_*. */
  readonly type: number
  /** PERF_RECORD_MISC_*. */
  readonly misc: number
  /** The record with its header. */
  readonly bytes: Uint8Array
  readonly view: DataView
}

/**
 * Reads the ring of a perf event in place; a record that wraps around the end is copied. The kernel
 * does not overwrite what was not read: it drops records and reports their number in a record of
 * type PERF_RECORD_LOST. Kernel 2.6.32.
 *
 * How the memory is shared (kernel/events/ring_buffer.c): a page with the position of the producer
 * and ours, 64-bit counts of bytes since the start, then the data.
 */
export class PerfRingReader implements Disposable {
  readonly #memory: Memory
  readonly #positions: BigUint64Array
  readonly #data: Uint8Array
  readonly #view: DataView
  readonly #wrapped = new Uint8Array(recordMax)
  readonly #wrappedView = new DataView(this.#wrapped.buffer)
  readonly #size: number
  #tail = 0
  #isClosed = false

  /**
   * @param event stays the caller's
   * @param size bytes of data: a power of two, at least a page
   * @throws SystemCallError
   */
  constructor(event: Fd, size: number) {
    this.#memory = Memory.map(event.number, 0, pageSize + size, true, 'perf ring')
    const { buffer } = this.#memory.bytes
    this.#positions = new BigUint64Array(buffer, 0, pageSize / 8)
    this.#data = new Uint8Array(buffer, pageSize, size)
    this.#view = new DataView(buffer, pageSize, size)
    this.#size = size
    this.#tail = Number(Atomics.load(this.#positions, tailAt))
  }

  /** Bytes that were not read yet. */
  get pending(): number {
    return this.#isClosed ? 0 : this.#head - this.#tail
  }

  /** Exact up to 2^53 bytes. Acquires: what is in front of it is written. */
  get #head(): number {
    return Number(Atomics.load(this.#positions, headAt))
  }

  /**
   * Reads the records that are there.
   * @param limit maximum number of records
   * @returns records read
   * @throws RangeError if the ring is corrupt
   */
  read(callback: (record: PerfRecord) => void, limit = Number.POSITIVE_INFINITY): number {
    if (this.#isClosed) return 0
    const head = this.#head
    let records = 0
    try {
      while (this.#tail < head && records < limit) {
        const record = this.#recordAt(this.#tail & (this.#size - 1), head - this.#tail)
        this.#tail += record.bytes.length
        records++
        callback(record)
      }
    } finally {
      // Releases: our reads are done before the kernel may overwrite the records.
      if (records > 0) Atomics.store(this.#positions, tailAt, BigInt(this.#tail))
    }
    return records
  }

  /** Records are aligned to 8 bytes, so a header never wraps. */
  #recordAt(at: number, pending: number): PerfRecord {
    const size = this.#view.getUint16(at + 6, true)
    if (size < headerSize || size > pending) throw new RangeError(`perf record of ${size} bytes`)
    const type = this.#view.getUint32(at, true)
    const misc = this.#view.getUint16(at + 4, true)
    const first = Math.min(size, this.#size - at)
    if (first === size) {
      const { buffer, byteOffset } = this.#data
      const view = new DataView(buffer, byteOffset + at, size)
      return { type, misc, bytes: this.#data.subarray(at, at + size), view }
    }
    this.#wrapped.set(this.#data.subarray(at))
    this.#wrapped.set(this.#data.subarray(0, size - first), first)
    return { type, misc, bytes: this.#wrapped.subarray(0, size), view: this.#wrappedView }
  }

  /** Unmaps the ring. Records must not be used afterwards. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#memory.free()
  }

  [Symbol.dispose](): void {
    this.close()
  }
}
