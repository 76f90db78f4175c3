import { closeSync } from 'node:fs'
import { constants } from 'node:os'
import { describeErrno, tryWrite, type WriteResult } from '@tetragon-ts/ebpf/sys'
import type { ClassCounts } from '@tetragon-ts/outputs/queue'
import { countLines, type LineRun, linesOf, runsAfter } from '../json/event-lines.ts'
import type { LineQueue } from './line-queue.ts'
import { type Sink, SinkClosed } from './sink.ts'

const { ECONNRESET, EPIPE } = constants.errno
const newline = 0x0a
/** Delay before a full pipe is tried again, in milliseconds. */
const pauseMs = { shortest: 1, longest: 64 }

/** Target of a stream. */
export interface Outlet {
  /** With O_NONBLOCK, unless it is a socket. */
  readonly fd: number
  readonly isSocket: boolean
  /** Whether to close it at the end. */
  readonly isOwned: boolean
}

/**
 * Writes lines to a pipe, terminal, socket or device. A receiver that does not read costs an
 * attempt every 64 ms at most.
 */
export class StreamSink implements Sink {
  readonly #outlet: Outlet
  readonly #queue: LineQueue
  readonly #observer: { warn(message: string): void }
  #pause = pauseMs.shortest
  #tryAt = 0
  /** Whether a failed write left a partial line. */
  #torn = false
  #failed = false
  #lastByte = newline
  writtenEvents = 0
  writtenBytes = 0
  readonly pending = undefined

  /** @param observer gets messages for the operator */
  constructor(outlet: Outlet, queue: LineQueue, observer: { warn(message: string): void }) {
    this.#outlet = outlet
    this.#queue = queue
    this.#observer = observer
  }

  get lostEvents(): ClassCounts {
    return this.#queue.lost
  }

  get queuedBytes(): number {
    return this.#queue.size
  }

  get isCrowded(): boolean {
    return this.#queue.isCrowded
  }

  get rest(): number {
    if (this.#queue.isEmpty) return Number.POSITIVE_INFINITY
    return Math.max(0, this.#tryAt - performance.now())
  }

  write(bytes: Buffer, length: number, runs: readonly LineRun[]): undefined {
    const queue = this.#queue
    let from = 0
    let left = runs
    // The usual case: no copy.
    if (queue.isEmpty && !queue.owesReport && !this.#torn && performance.now() >= this.#tryAt) {
      const { written, errno } = this.#tryWrite(bytes.subarray(0, length))
      if (errno !== 0) {
        queue.lose(linesOf(runs))
        this.#fail(errno)
        return
      }
      this.#count(bytes, 0, written, countLines(bytes, 0, written))
      if (written === length) return
      this.#rest()
      from = written
      left = runsAfter(runs, bytes, 0, written)
    }
    queue.add(bytes, from, left)
    this.proceed()
  }

  #count(bytes: Buffer, from: number, written: number, lines: number): void {
    if (written === 0) return
    this.#pause = pauseMs.shortest
    this.#lastByte = bytes[from + written - 1]
    this.writtenBytes += written
    this.writtenEvents += lines
    if (this.#failed) this.#recovered()
  }

  proceed(): void {
    if (!this.#queue.isEmpty && performance.now() >= this.#tryAt) this.#push()
  }

  reportLoss(): void {
    this.#queue.reportLoss()
    this.proceed()
  }

  /** Writes until the queue is empty or the receiver is full. */
  #push(): void {
    const queue = this.#queue
    for (let chunk = queue.first; chunk; chunk = queue.first) {
      if (this.#torn && !this.#endTornLine()) return
      const { bytes, from, to } = chunk
      const { written, errno } = this.#tryWrite(bytes.subarray(from, to))
      if (errno !== 0) return this.#fail(errno)
      if (written > 0) this.#count(bytes, from, written, queue.consume(written))
      if (written < to - from) return this.#rest()
    }
  }

  /**
   * After a failure the rest of a partly written line is lost: the next line starts on a new line.
   */
  #endTornLine(): boolean {
    const { written, errno } = this.#tryWrite(Buffer.from('\n'))
    if (errno !== 0) this.#fail(errno)
    else if (written === 0) this.#rest()
    else this.#torn = false
    return written > 0
  }

  #tryWrite(bytes: Buffer): WriteResult {
    return tryWrite(this.#outlet.fd, bytes, this.#outlet.isSocket)
  }

  #rest(): void {
    this.#tryAt = performance.now() + this.#pause
    this.#pause = Math.min(2 * this.#pause, pauseMs.longest)
  }

  #fail(errno: number): void {
    if (errno === EPIPE || errno === ECONNRESET) {
      throw new SinkClosed('write events: the receiver is gone')
    }
    this.#torn ||= this.#lastByte !== newline
    this.#lastByte = newline
    this.#queue.clear()
    this.#rest()
    if (this.#failed) return
    this.#failed = true
    this.#observer.warn(
      `write events: ${describeErrno(errno)}; events are lost until writing succeeds`,
    )
  }

  #recovered(): void {
    this.#failed = false
    this.#observer.warn('write events: succeeded again')
  }

  close(): void {
    this.#queue.clear()
    if (this.#outlet.isOwned) closeSync(this.#outlet.fd)
  }
}
