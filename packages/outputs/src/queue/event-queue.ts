import { Admission } from './admission.ts'
import type { ClassCounts, EventClass } from './event-class.ts'
import type { BatchSize, EventStore, LossReport, QueuedEvent } from './event-store.ts'
import { QueueShares } from './queue-shares.ts'
import { WakeUp } from './wake-up.ts'

/** Memory of a queued event beside its line, in bytes: objects, and the head of the buffer. */
export const memoryOverhead = 256

/** An event with memory of its own: part of a larger buffer, it would keep all of that alive. */
export function ownEvent(eventClass: EventClass, line: Uint8Array, arrived: number): QueuedEvent {
  const own = Buffer.allocUnsafeSlow(line.length)
  own.set(line)
  return { eventClass, line: own, arrived }
}

/** A queue in memory. Each class of events has its share. */
export class EventQueue implements EventStore {
  readonly #shares: QueueShares
  readonly #admission: Admission
  readonly #filled = new WakeUp()
  #events: QueuedEvent[] = []
  /** Index of the first event: removing it from the array each time would be slow. */
  #first = 0
  readonly isOnDisk = false
  readonly failure: string | undefined

  /**
   * @param limit bytes
   * @param failure why events are in memory, if they should be elsewhere
   */
  constructor(limit: number, report: LossReport, failure?: string) {
    this.failure = failure
    this.#shares = new QueueShares(limit)
    const bounds = [{ shares: this.#shares, overhead: memoryOverhead }]
    this.#admission = new Admission(bounds, report, (of, line, arrived) => {
      this.#events.push(ownEvent(of, line, arrived))
      this.#filled.now()
    })
  }

  get lost(): ClassCounts {
    return this.#admission.lost
  }

  get bytes(): number {
    return this.#shares.used
  }

  get length(): number {
    return this.#events.length - this.#first
  }

  get oldest(): number | undefined {
    return this.#events[this.#first]?.arrived
  }

  add(of: EventClass, line: Uint8Array, arrived: number): void {
    this.#admission.add(of, line, arrived)
  }

  lose(of: EventClass, count: number): void {
    this.#admission.lose(of, count)
  }

  async peek(limit: BatchSize): Promise<readonly QueuedEvent[]> {
    const waiting = this.#events.slice(this.#first, this.#first + Math.min(limit.events, 1 << 20))
    return waiting.slice(0, countWithin(waiting, limit))
  }

  remove(count: number, again: readonly QueuedEvent[] = []): void {
    const removed = this.#events.slice(this.#first, this.#first + count)
    for (const each of removed) this.#shares.remove(each.eventClass, sizeOf(each))
    for (const each of again) this.#shares.add(each.eventClass, sizeOf(each))
    const start = this.#first
    this.#first += count - again.length
    this.#events.splice(this.#first, again.length, ...again)
    this.#events.fill(undefined as never, start, this.#first)
    if (this.#first < 1024 || this.#first < this.#events.length / 2) return
    this.#events = this.#events.slice(this.#first)
    this.#first = 0
  }

  async filled(signal: AbortSignal): Promise<void> {
    if (this.length === 0) await this.#filled.wait(signal)
  }

  async close(): Promise<void> {
    const left = this.#events.slice(this.#first)
    this.remove(left.length)
    for (const { eventClass: of } of left) this.lose(of, 1)
  }
}

function sizeOf({ line }: QueuedEvent): number {
  return line.length + memoryOverhead
}

/**
 * How many of the first events are in a batch: at least one, if there is one.
 * @param overhead bytes of an event beside its line
 */
export function countWithin(
  events: readonly QueuedEvent[],
  limit: BatchSize,
  overhead = 0,
): number {
  let bytes = 0
  let count = 0
  for (; count < events.length && count < limit.events; count++) {
    bytes += events[count].line.length + overhead
    if (bytes > limit.bytes && count > 0) break
  }
  return count
}
