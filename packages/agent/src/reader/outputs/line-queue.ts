import {
  addCounts,
  type ClassCounts,
  type EventClass,
  eventClass,
  noCounts,
  QueueShares,
  sumOf,
} from '@tetragon-ts/outputs/queue'
import {
  addLines,
  bytesOf,
  countLines,
  type LineRun,
  linesOf,
  runsAfter,
} from '../json/event-lines.ts'

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
  /** The events that end between the two. */
  readonly runs: readonly LineRun[]
}

/** Queued lines; some may already be written. */
export interface Chunk extends LineRange {
  from: number
  to: number
  runs: LineRun[]
  /** Number of lost events that this chunk reports instead. */
  readonly reported: number
}

/** The line in place of lost events. */
export type LossLine = (lost: number) => Buffer

/**
 * Lines that wait for their receiver, in order. The queue is bounded, and each class of events has
 * its share: a line that does not fit is lost, and so are the following ones of its class until a
 * part of the queue is free. Then a line with the number of lost events is added in their place.
 */
export class LineQueue {
  readonly #limit: number
  readonly #lossLine: LossLine
  readonly #shares: QueueShares
  #chunks: Chunk[] = []
  #spare: Buffer[] = []
  readonly #lost = noCounts()
  /** Lost events that were not reported yet. */
  #unreported = 0
  /** Whether they are reported before the next line. */
  #isDue = false

  /**
   * @param limit bytes
   * @param isShared whether the lines are events of several classes
   */
  constructor(limit: number, lossLine: LossLine, isShared = true) {
    this.#limit = limit
    this.#lossLine = lossLine
    this.#shares = new QueueShares(limit, isShared)
  }

  /** Lines that were lost, by class. */
  get lost(): ClassCounts {
    return this.#lost
  }

  /** Bytes that wait. */
  get size(): number {
    return this.#shares.used
  }

  get isEmpty(): boolean {
    return this.#chunks.length === 0
  }

  /** Whether a line in place of lost events must come first. */
  get owesReport(): boolean {
    return this.#unreported > 0
  }

  /** Whether it is more than a quarter full: half of what hook events alone can fill. */
  get isCrowded(): boolean {
    return this.size > this.#limit / 4
  }

  /**
   * Adds lines from the start of a buffer.
   * @returns a buffer to use instead if the queue keeps this one, to save a copy
   */
  addBuffer(bytes: Buffer, length: number, runs: readonly LineRun[]): Buffer | undefined {
    if (length < keepFrom || !this.#shares.fits(bytesOf(runs, 0))) {
      this.add(bytes, 0, runs)
      return undefined
    }
    if (this.#isDue) this.#report()
    this.#addChunk({ bytes, from: 0, to: length, runs: runs.slice(), reported: 0 })
    return this.#newBuffer(0)
  }

  /** Adds the lines from `from` on. The first may be partly written. */
  add(bytes: Buffer, from: number, runs: readonly LineRun[]): void {
    let start = from
    for (const run of runs) {
      this.#addRun(bytes, start, run)
      start = run.to
    }
  }

  #addRun(bytes: Buffer, from: number, { eventClass: of, to, lines }: LineRun): void {
    const shares = this.#shares
    if (shares.hasClosed && shares.reopen()) this.#isDue = true
    if (!shares.isOpen(of)) return this.#lose(of, lines)
    if (this.#isDue) this.#report()
    const room = shares.room(of)
    if (to - from <= room) return this.#append(bytes, from, to, lines, of)
    shares.close(of)
    const end = room > 0 ? bytes.lastIndexOf(newline, from + room - 1) + 1 : 0
    const kept = end > from ? countLines(bytes, from, end) : 0
    if (kept > 0) this.#append(bytes, from, end, kept, of)
    this.#lose(of, lines - kept)
  }

  #lose(of: EventClass, lines: number): void {
    this.#lost[of] += lines
    this.#unreported += lines
  }

  /** Counts lines that were not added, or were taken out and could not be written. */
  lose(lines: ClassCounts): void {
    addCounts(this.#lost, lines)
    this.owe(sumOf(lines))
  }

  /** Reports lines that were lost elsewhere. */
  owe(lines: number): void {
    this.#unreported += lines
    this.#isDue ||= lines > 0
  }

  /** Adds the report of losses, also at the end of the stream. */
  reportLoss(): void {
    if (this.#unreported > 0) this.#report()
  }

  #report(): void {
    const bytes = this.#lossLine(this.#unreported)
    const runs = [{ eventClass: eventClass.process, to: bytes.length, lines: 0 }]
    this.#addChunk({ bytes, from: 0, to: bytes.length, runs, reported: this.#unreported })
    this.#unreported = 0
    this.#isDue = false
  }

  #addChunk(chunk: Chunk): void {
    this.#chunks.push(chunk)
    for (const [of, size] of bytesOf(chunk.runs, chunk.from).entries()) {
      this.#shares.add(of as EventClass, size)
    }
  }

  #append(bytes: Buffer, from: number, to: number, lines: number, of: EventClass): void {
    const length = to - from
    let last = this.#chunks.at(-1)
    if (last === undefined || last.reported > 0 || last.to + length > last.bytes.length) {
      last = { bytes: this.#newBuffer(length), from: 0, to: 0, runs: [], reported: 0 }
      this.#chunks.push(last)
    }
    bytes.copy(last.bytes, last.to, from, to)
    last.to += length
    addLines(last.runs, of, last.to, lines)
    this.#shares.add(of, length)
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
    const { bytes, from, to, runs } = chunk
    const end = from + count
    const before = sumOf(linesOf(runs))
    chunk.runs = end === to ? [] : runsAfter(runs, bytes, from, end)
    chunk.from = end
    this.#free(runs, from, end)
    if (end === to) {
      this.#chunks.shift()
      this.release(chunk)
    }
    return before - sumOf(linesOf(chunk.runs))
  }

  /** Removes the first chunks, at most `count`; return them with {@link release}. */
  take(count: number): Chunk[] {
    const chunks = this.#chunks.splice(0, count)
    for (const { runs, from, to } of chunks) this.#free(runs, from, to)
    return chunks
  }

  /** The bytes between two positions leave the queue. */
  #free(runs: readonly LineRun[], from: number, to: number): void {
    let start = from
    for (const { eventClass: of, to: end } of runs) {
      if (start >= to) return
      this.#shares.remove(of, Math.min(end, to) - start)
      start = end
    }
  }

  /** Reuses the memory of a chunk. */
  release({ bytes }: LineRange): void {
    if (bytes.length === chunkSize && this.#spare.length < spareMax) this.#spare.push(bytes)
  }

  /** Drops everything and counts it as lost. */
  clear(): void {
    for (const { runs, from, to, reported } of this.#chunks) {
      this.lose(linesOf(runs))
      this.owe(reported)
      this.#free(runs, from, to)
    }
    this.#chunks = []
  }
}
