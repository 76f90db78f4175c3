import { LineQueue, type LossLine } from '../reader/outputs/line-queue.ts'
import { openDescriptor } from '../reader/outputs/open-descriptor.ts'
import { type Sink, SinkClosed } from '../reader/outputs/sink.ts'
import { finishWriting } from '../reader/outputs/sink-time.ts'

/** Bytes of messages that wait for their receiver at most. */
const queueLimit = 1 << 20
/** How long the end waits for a receiver that does not read, in milliseconds. */
const patienceMs = 1000
const newline = '\n'

/**
 * Where log messages go: an open descriptor. Writing never blocks; what a receiver does not read in
 * time is left out, and a line says how much that was.
 */
export class LogOutput {
  readonly #sink: Sink
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  /**
   * @param fd stays the caller's
   * @param lossLine makes the line that takes the place of lost ones
   * @throws Error of the file system if it is not open
   */
  constructor(fd: number, lossLine: LossLine) {
    this.#sink = openDescriptor(fd, new LineQueue(queueLimit, lossLine), { warn: () => {} })
  }

  /** @param text whole lines */
  write(text: string): void {
    const bytes = Buffer.from(text)
    this.#try(() => this.#sink.write(bytes, bytes.length, text.split(newline).length - 1))
  }

  /** Nothing can be done for a log whose receiver is gone. */
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

  /** Waits until all is written, for a while. */
  async finish(): Promise<void> {
    if (this.#isClosed) return
    try {
      await finishWriting(this.#sink, patienceMs)
    } catch (error) {
      if (!(error instanceof SinkClosed)) throw error
    }
  }

  /** Whether a write is under way that keeps the process from its end. */
  get isStuck(): boolean {
    return this.#sink.pending !== undefined
  }
}
