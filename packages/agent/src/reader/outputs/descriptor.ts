import { addCounts, noCounts, sumOf } from '@tetragon-ts/outputs/queue'
import { linesOf, runsAfter } from '../json/event-lines.ts'
import type { LineTarget } from './file-sink.ts'
import type { LineRange } from './line-queue.ts'
import { write } from './pool.ts'

const newline = 0x0a

/** An open descriptor whose file is not rotated: a redirected standard output. */
export class Descriptor implements LineTarget {
  readonly #fd: number
  readonly #observer: { warn(message: string): void }
  /** Whether the last write ended within a line. */
  #torn = false
  #failed = false
  writtenEvents = 0
  writtenBytes = 0
  readonly lostEvents = noCounts()

  isClosed = false

  /** @param fd remains open, @param observer gets messages for the operator */
  constructor(fd: number, observer: { warn(message: string): void }) {
    this.#fd = fd
    this.#observer = observer
  }

  async append(ranges: readonly LineRange[]): Promise<number> {
    let lost = 0
    for (const range of ranges) lost += await this.#append(range)
    return lost
  }

  async #append({ bytes, from, to, runs }: LineRange): Promise<number> {
    let at = from
    try {
      // After a failure the rest of a partly written line is lost: the next line starts on a new
      // line.
      if (this.#torn) await write(this.#fd, Buffer.from('\n'), 0, 1)
      this.#torn = false
      while (at < to) at += (await write(this.#fd, bytes, at, to - at)).bytesWritten
      if (this.#failed) this.#observer.warn('write events: succeeded again')
      this.#failed = false
    } catch (error) {
      this.#torn ||= at > from && bytes[at - 1] !== newline
      if (!this.#failed) {
        const { code, message } = error as NodeJS.ErrnoException
        this.isClosed = code === 'EPIPE'
        this.#observer.warn(`write events: ${message}; events are lost until writing succeeds`)
      }
      this.#failed = true
    }
    const lost = linesOf(runsAfter(runs, bytes, from, at))
    this.writtenBytes += at - from
    this.writtenEvents += sumOf(linesOf(runs)) - sumOf(lost)
    addCounts(this.lostEvents, lost)
    return sumOf(lost)
  }

  close(): void {}
}
