const newline = 0x0a
const chunkSize = 1 << 20
/** Maximum number of chunks kept for reuse. */
const spareMax = 8
/** From this length on, a buffer is queued as it is: at least half of its memory is used. */
const keepFrom = chunkSize / 2

/** Whole lines in a buffer. */
export interface LineRange {
  readonly bytes: Buffer
  readonly from: number
  readonly to: number
  /** Number of events that end between the two. */
  readonly lines: number
}

/** Queued lines; some may already be written. */
export interface Chunk extends LineRange {
  from: number
  to: number
  lines: number
  /** Number of lost events that this chunk reports instead. */
  readonly reported: number
}

/** The line in place of lost events. */
export type LossLine = (lost: number) => Buffer

/**
 * Lines that wait for their receiver. The queue is bounded: a line that does not fit is lost, and
 * so are the following ones until half of the queue is free. Then a line with the number of lost
 * events is added in their place.
 */
export class LineQueue {
  readonly #limit: number
  readonly #lossLine: LossLine
  #chunks: Chunk[] = []
  #spare: Buffer[] = []
  #isFull = false
  /** Lost events that were not reported yet. */
  #unreported = 0
  /** Bytes that wait. */
  size = 0
  /** Lines that were lost. */
  lost = 0

  /** @param limit bytes */
  constructor(limit: number, lossLine: LossLine) {
    this.#limit = limit
    this.#lossLine = lossLine
  }

  get isEmpty(): boolean {
    return this.#chunks.length === 0
  }

  /** Whether a line in place of lost events must come first. */
  get owesReport(): boolean {
    return this.#unreported > 0
  }

  /** Whether it is more than half full. */
  get isCrowded(): boolean {
    return this.size > this.#limit / 2
  }

  /**
   * Adds lines from the start of a buffer.
   * @returns a buffer to use instead if the queue keeps this one, to save a copy
   */
  addBuffer(bytes: Buffer, length: number, lines: number): Buffer | undefined {
    if (length < keepFrom || this.#isFull || length > this.#limit - this.size) {
      this.add(bytes, 0, length, lines)
      return undefined
    }
    if (this.#unreported > 0) this.#report()
    this.#chunks.push({ bytes, from: 0, to: length, lines, reported: 0 })
    this.size += length
    return this.#newBuffer(0)
  }

  /** Adds the lines between `from` and `to`. The first may be partly written. */
  add(bytes: Buffer, from: number, to: number, lines: number): void {
    if (this.#isFull && this.isCrowded) return this.lose(lines)
    this.#isFull = false
    if (this.#unreported > 0) this.#report()
    const room = this.#limit - this.size
    if (to - from <= room) return this.#append(bytes, from, to, lines)
    this.#isFull = true
    const end = room > 0 ? bytes.lastIndexOf(newline, from + room - 1) + 1 : 0
    const kept = end > from ? countLines(bytes, from, end) : 0
    if (kept > 0) this.#append(bytes, from, end, kept)
    this.lose(lines - kept)
  }

  /** Counts lines that were not added, or were taken out and could not be written. */
  lose(lines: number): void {
    this.lost += lines
    this.#unreported += lines
  }

  /** Reports lines that were lost elsewhere. */
  owe(lines: number): void {
    this.#unreported += lines
  }

  /** Adds the report of losses, also at the end of the stream. */
  reportLoss(): void {
    if (this.#unreported > 0) this.#report()
  }

  #report(): void {
    const bytes = this.#lossLine(this.#unreported)
    const reported = this.#unreported
    this.#chunks.push({ bytes, from: 0, to: bytes.length, lines: 0, reported })
    this.size += bytes.length
    this.#unreported = 0
  }

  #append(bytes: Buffer, from: number, to: number, lines: number): void {
    const length = to - from
    let last = this.#chunks.at(-1)
    if (last === undefined || last.reported > 0 || last.to + length > last.bytes.length) {
      last = { bytes: this.#newBuffer(length), from: 0, to: 0, lines: 0, reported: 0 }
      this.#chunks.push(last)
    }
    bytes.copy(last.bytes, last.to, from, to)
    last.to += length
    last.lines += lines
    this.size += length
  }

  #newBuffer(length: number): Buffer {
    const spare = length <= chunkSize ? this.#spare.pop() : undefined
    return spare ?? Buffer.allocUnsafeSlow(Math.max(length, chunkSize))
  }

  /** The first chunk; undefined if the queue is empty. */
  get first(): Chunk | undefined {
    return this.#chunks[0]
  }

  /** Removes bytes from the first chunk. @returns lines that ended in them */
  consume(count: number): number {
    const [chunk] = this.#chunks
    this.size -= count
    if (count === chunk.to - chunk.from) {
      this.#chunks.shift()
      this.release(chunk)
      return chunk.lines
    }
    const lines = chunk.reported > 0 ? 0 : countLines(chunk.bytes, chunk.from, chunk.from + count)
    chunk.from += count
    chunk.lines -= lines
    return lines
  }

  /** Removes the first chunks, at most `count`; return them with {@link release}. */
  take(count: number): Chunk[] {
    const chunks = this.#chunks.splice(0, count)
    for (const { from, to } of chunks) this.size -= to - from
    return chunks
  }

  /** Reuses the memory of a chunk. */
  release({ bytes }: LineRange): void {
    if (bytes.length === chunkSize && this.#spare.length < spareMax) this.#spare.push(bytes)
  }

  /** Drops everything and counts it as lost. */
  clear(): void {
    for (const { lines, reported } of this.#chunks) {
      this.lose(lines)
      this.#unreported += reported
    }
    this.#chunks = []
    this.size = 0
  }
}

/** Counts whole lines. */
export function countLines(bytes: Buffer, from: number, to: number): number {
  let lines = 0
  for (let at = from; at < to; lines++) {
    const end = bytes.indexOf(newline, at)
    if (end < 0 || end >= to) return lines
    at = end + 1
  }
  return lines
}
