import { type ClassCounts, type EventClass, eventClass, noCounts } from './event-class.ts'
import { QueueShares } from './queue-shares.ts'

/** Memory of a queued event beside its line, in bytes: objects, and the head of the buffer. */
const overhead = 256

/** An event that waits for its receiver. */
export interface QueuedEvent {
  readonly eventClass: EventClass
  /** JSON in UTF-8, without a newline. The queue owns the memory. */
  readonly line: Buffer
  /** When it arrived, in milliseconds since 1970. */
  readonly arrived: number
}

/** The event in place of lost ones, as JSON. */
export type LossReport = (lost: number) => Buffer

/**
 * Events that wait for their receiver, in order. The queue is bounded, and each class of events has
 * its share. Events that do not fit are counted as lost, and reported in their place once a part of
 * the queue is free again.
 */
export class EventQueue {
  readonly #shares: QueueShares
  readonly #report: LossReport
  #events: QueuedEvent[] = []
  /** Index of the first event: removing it from the array each time would be slow. */
  #first = 0
  readonly #lost = noCounts()
  #unreported = 0
  #filled: (() => void) | undefined

  /** @param limit bytes */
  constructor(limit: number, report: LossReport) {
    this.#shares = new QueueShares(limit)
    this.#report = report
  }

  /** Events that were lost, by class. */
  get lost(): ClassCounts {
    return this.#lost
  }

  /** Bytes that wait. */
  get bytes(): number {
    return this.#shares.used
  }

  /** Events that wait. */
  get length(): number {
    return this.#events.length - this.#first
  }

  /** When the first event arrived; undefined if there is none. */
  get oldest(): number | undefined {
    return this.#events[this.#first]?.arrived
  }

  /** Adds an event, if it fits. @param line is copied */
  add(of: EventClass, line: Uint8Array, arrived: number): void {
    const shares = this.#shares
    if (shares.hasClosed) shares.reopen()
    const isAccepted = shares.isOpen(of) && line.length + overhead <= shares.room(of)
    if (!isAccepted) {
      shares.close(of)
      return this.lose(of, 1)
    }
    if (this.#unreported > 0 && !shares.hasClosed) {
      this.#append(eventClass.process, this.#report(this.#unreported), arrived)
      this.#unreported = 0
    }
    this.#append(of, line, arrived)
    this.#filled?.()
  }

  #append(of: EventClass, line: Uint8Array, arrived: number): void {
    // Part of a larger buffer, it would keep all of that alive.
    const own = Buffer.allocUnsafeSlow(line.length)
    own.set(line)
    this.#events.push({ eventClass: of, line: own, arrived })
    this.#shares.add(of, line.length + overhead)
  }

  /** Counts events as lost that were not added. */
  lose(of: EventClass, count: number): void {
    this.#lost[of] += count
    this.#unreported += count
  }

  /** The first events: at least one, if there is one. */
  peek(limit: { readonly events: number; readonly bytes: number }): readonly QueuedEvent[] {
    let bytes = 0
    let end = this.#first
    while (end < this.#events.length && end - this.#first < limit.events) {
      bytes += this.#events[end].line.length
      if (bytes > limit.bytes && end > this.#first) break
      end++
    }
    return this.#events.slice(this.#first, end)
  }

  /** Removes the first events. @param again those among them that stay, in order */
  remove(count: number, again: readonly QueuedEvent[] = []): void {
    const removed = this.#events.slice(this.#first, this.#first + count)
    for (const { eventClass: of, line } of removed) this.#shares.remove(of, line.length + overhead)
    for (const { eventClass: of, line } of again) this.#shares.add(of, line.length + overhead)
    const start = this.#first
    this.#first += count - again.length
    this.#events.splice(this.#first, again.length, ...again)
    this.#events.fill(undefined as never, start, this.#first)
    if (this.#first < 1024 || this.#first < this.#events.length / 2) return
    this.#events = this.#events.slice(this.#first)
    this.#first = 0
  }

  /** Fulfilled when there is an event, or the signal is aborted. */
  async filled(signal: AbortSignal): Promise<void> {
    if (this.length > 0 || signal.aborted) return
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.#filled = undefined
        signal.removeEventListener('abort', done)
        resolve()
      }
      this.#filled = done
      signal.addEventListener('abort', done, { once: true })
    })
  }
}
