import { addCounts, type ClassCounts, noCounts } from '@tetragon-ts/outputs/queue'
import { type LineRun, linesOf } from '../json/event-lines.ts'
import type { LineQueue, LineRange } from './line-queue.ts'
import { type Rotation, type Sink, SinkClosed } from './sink.ts'

/** How long to wait for an operation before the thread continues, in milliseconds. */
const waitMs = { shortest: 64, longest: 64 }
/** Maximum number of chunks of the queue that are written at once. */
const chunksAtOnce = 4

/** Waits until a number of bytes is written or lost. */
interface Flush {
  readonly until: number
  readonly resolve: () => void
}

/** Writes lines by operations of any duration: they run in the thread pool. */
export interface LineTarget {
  /**
   * Writes whole lines. Never rejected: unwritten lines are counted.
   * @returns number of lines lost by this call
   */
  append(ranges: readonly LineRange[]): Promise<number>
  readonly writtenEvents: number
  readonly writtenBytes: number
  /** By class. */
  readonly lostEvents: ClassCounts
  /** Whether the receiver is gone permanently. */
  readonly isClosed?: boolean
  /** Called occasionally while nothing is written. @returns milliseconds until the next call */
  tend?(): Promise<number>
  setRotation?(rotation: Rotation): void
  /** No operation may be in progress. */
  close(): void
}

/**
 * Writes lines to targets that cannot be written without blocking: regular files, since a file
 * system may be slow. Operations run in the thread pool of Node.js, one at a time; lines wait in
 * the queue.
 */
export class FileSink implements Sink {
  readonly #target: LineTarget
  readonly #queue: LineQueue
  #work: Promise<void> | undefined
  #wait = waitMs.shortest
  #tendAt = 0
  /** Lines that are being written, by class. */
  #underWay: ClassCounts = noCounts()
  #closed = false
  /** Bytes that were written or lost, and those that are being written. */
  #doneBytes = 0
  #bytesUnderWay = 0
  #flushes: Flush[] = []

  /** @param opening must be finished before the target is used; never rejected */
  constructor(target: LineTarget, queue: LineQueue, opening?: Promise<void>) {
    this.#target = target
    this.#queue = queue
    if (opening) this.#start(() => opening)
  }

  get writtenEvents(): number {
    return this.#target.writtenEvents
  }

  get writtenBytes(): number {
    return this.#target.writtenBytes
  }

  get lostEvents(): ClassCounts {
    const lost = [...this.#queue.lost]
    addCounts(lost, this.#target.lostEvents)
    return lost
  }

  get queuedBytes(): number {
    return this.#queue.size
  }

  get isCrowded(): boolean {
    return this.#queue.isCrowded
  }

  get pending(): Promise<void> | undefined {
    return this.#work
  }

  get rest(): number {
    if (this.#work === undefined) {
      return this.#queue.isEmpty ? Math.max(0, this.#tendAt - performance.now()) : 0
    }
    return this.#wait
  }

  write(bytes: Buffer, length: number, runs: readonly LineRun[]): Buffer | undefined {
    // Written when the reader is idle: an operation costs the same for any amount.
    return this.#queue.addBuffer(bytes, length, runs)
  }

  proceed(): void {
    if (this.#target.isClosed) throw new SinkClosed('write events: the receiver is gone')
    if (this.#work !== undefined) {
      this.#wait = Math.min(2 * this.#wait, waitMs.longest)
      return
    }
    if (!this.#queue.isEmpty) this.#start(this.#writeAll)
    else if (performance.now() < this.#tendAt) return
    else if (this.#target.tend) this.#start(this.#tend)
    else this.#tendAt = Number.POSITIVE_INFINITY
  }

  reportLoss(): void {
    this.#queue.reportLoss()
    this.proceed()
  }

  setRotation(rotation: Rotation): void {
    this.#target.setRotation?.(rotation)
    this.#tendAt = 0
  }

  flushed(): Promise<void> {
    const until = this.#doneBytes + this.#bytesUnderWay + this.#queue.size
    return new Promise((resolve) => {
      this.#flushes.push({ until, resolve })
      this.#answerFlushes()
      if (this.#work === undefined && !this.#queue.isEmpty) this.#start(this.#writeAll)
    })
  }

  #answerFlushes(): void {
    while (
      this.#flushes.length > 0 &&
      (this.#closed || this.#flushes[0].until <= this.#doneBytes)
    ) {
      this.#flushes.shift()?.resolve()
    }
  }

  #start(work: () => Promise<void>): void {
    this.#wait = waitMs.shortest
    this.#work = work().finally(() => {
      this.#work = undefined
      // Lines that were added since.
      if (!this.#queue.isEmpty && !this.#closed) this.#start(this.#writeAll)
    })
  }

  readonly #writeAll = async (): Promise<void> => {
    while (!this.#queue.isEmpty) {
      const chunks = this.#queue.take(chunksAtOnce)
      this.#underWay = linesOf(chunks.flatMap(({ runs }) => runs))
      this.#bytesUnderWay = chunks.reduce((sum, { from, to }) => sum + to - from, 0)
      const lost = await this.#target.append(chunks)
      this.#underWay = noCounts()
      this.#doneBytes += this.#bytesUnderWay
      this.#bytesUnderWay = 0
      this.#answerFlushes()
      for (const chunk of chunks) this.#queue.release(chunk)
      this.#queue.owe(lost)
      this.#wait = waitMs.shortest
      if (this.#closed) return this.#target.close()
    }
  }

  readonly #tend = async (): Promise<void> => {
    this.#tendAt = performance.now() + ((await this.#target.tend?.()) ?? 0)
    if (this.#closed) this.#target.close()
  }

  close(): void {
    this.#closed = true
    this.#queue.clear()
    this.#answerFlushes()
    // How many of them are written is unknown.
    this.#queue.lose(this.#underWay)
    if (this.#work === undefined) this.#target.close()
  }
}
