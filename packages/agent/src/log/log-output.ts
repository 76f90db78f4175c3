import { eventClass } from '@tetragon-ts/outputs/queue'
import { finishWriting } from '../reader/outputs/finish-writing.ts'
import { LineQueue, type LossLine } from '../reader/outputs/line-queue.ts'
import { openDescriptor } from '../reader/outputs/open-descriptor.ts'
import { type Sink, SinkClosed } from '../reader/outputs/sink.ts'

/** Maximum number of queued bytes. */
const queueLimit = 1 << 20
/** Time limit at the end for a receiver that does not read, in milliseconds. */
const patienceMs = 1000
const newline = '\n'

/**
 * Destination of log messages: an open descriptor. Writing never blocks; messages for a slow
 * receiver are dropped, and a line reports their number.
 */
export class LogOutput {
  readonly #sink: Sink
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  /**
   * @param fd remains open
   * @param lossLine creates the line in place of lost ones
   * @throws Error of the file system if it is not open
   */
  constructor(fd: number, lossLine: LossLine) {
    this.#sink = openDescriptor(fd, new LineQueue(queueLimit, lossLine, false), { warn: () => {} })
  }

  /** @param text whole lines */
  write(text: string): void {
    const bytes = Buffer.from(text)
    const lines = text.split(newline).length - 1
    const runs = [{ eventClass: eventClass.process, to: bytes.length, lines }]
    this.#try(() => this.#sink.write(bytes, bytes.length, runs))
  }

  /** Nothing can be done if the log's receiver is gone. */
  #try(work: () => void): void {
    if (this.#isClosed) return
    try {
      work()
    } catch (error) {
      if (!(error instanceof SinkClosed)) throw error
      this.#isClosed = true
    }
    this.#continueLater()
  }

  #continueLater(): void {
    const { queuedBytes, rest } = this.#sink
    if (this.#isClosed || queuedBytes === 0 || this.#timer !== undefined) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#try(() => this.#sink.proceed())
    }, rest)
    this.#timer.unref()
  }

  /** Waits until everything is written, for a limited time. */
  async finish(): Promise<void> {
    if (this.#isClosed) return
    try {
      await finishWriting(this.#sink, patienceMs)
    } catch (error) {
      if (!(error instanceof SinkClosed)) throw error
    }
  }

  /** Whether a pending write keeps the process alive. */
  get isStuck(): boolean {
    return this.#sink.pending !== undefined
  }
}
