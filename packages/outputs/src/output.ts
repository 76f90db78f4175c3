import { Backoff, type BackoffMs } from '@tetragon-ts/service/retry'
import { pause, pauseUntil } from '@tetragon-ts/service/timers'
import { type Connection, longestPause, type Receipt, SendError } from './connection.ts'
import type { ArrivedEvent, EventTest } from './events/event-filter.ts'
import { printable, reasonOf } from './network/failure-reason.ts'
import type { OutputStatus } from './output-status.ts'
import type { EventClass } from './queue/event-class.ts'
import type { EventStore, QueuedEvent } from './queue/event-store.ts'
import type { OutputSpecification } from './specification.ts'

/** Pauses between attempts to send, in milliseconds, unless an output has others. */
const usualPauses = { min: 200, max: 30_000 }

/** What an output needs. */
export interface OutputParts {
  readonly specification: OutputSpecification
  readonly connection: Connection
  readonly choice: EventTest
  /** Where events wait. */
  readonly store: EventStore
  /** A message for the operator: the output fails, or works again. */
  warn(message: string): void
  /** Pauses between attempts to send. */
  readonly pauses?: BackoffMs
}

/** How long an attempt may take to end after it was aborted, in milliseconds. */
const abortMs = 200
/** Growth of batches after one that was too large. Doubled, every second one would be too large. */
const growth = 9 / 8
/** The least time for a connection to complete what it has, in milliseconds. */
const finishMs = 500
/** How often an output checks whether a batch is full, in milliseconds. */
const lingerStep = 200
/** Pause if stored events turn out to be unreadable, in milliseconds. */
const emptyPause = 10

/**
 * Sends events to a receiver. It holds up no other code: events are stored, and sent one batch at a
 * time until the receiver has accepted or refused them.
 */
export class Output {
  readonly #parts: OutputParts
  readonly #store: EventStore
  readonly #backoff: Backoff
  readonly #end = new AbortController()
  /** Aborted when the output ends: it waits neither for more events nor between attempts. */
  readonly #hurry = new AbortController()
  readonly #over: Promise<void>
  /** Events in a batch; less after one that was too large. */
  #eventsMax: number
  #sending: AbortController | undefined
  #failure: string | undefined
  #sent = 0
  #refused = 0
  #refusal: string | undefined
  #retried = 0

  constructor(parts: OutputParts) {
    this.#parts = parts
    this.#backoff = new Backoff(parts.pauses ?? usualPauses)
    this.#store = parts.store
    this.#eventsMax = parts.connection.batch.events
    parts.connection.start?.()
    this.#over = this.#run()
  }

  /** Queues an event if the output is to have it. @param now milliseconds since 1970 */
  offer(event: ArrivedEvent, of: EventClass, now: number): void {
    if (this.#parts.choice(event)) this.#store.add(of, event.line, now)
  }

  /** Counts events that were lost on the way here. */
  lose(of: EventClass, count: number): void {
    this.#store.lose(of, count)
  }

  get status(): OutputStatus {
    const { name, url, kind } = this.#parts.specification
    const { lost, length, bytes, oldest, failure: storeFailure } = this.#store
    return {
      name,
      address: `${url.protocol}//${url.host}${url.pathname}`,
      guarantee: this.#store.isOnDisk ? 'at least once' : kind.guarantee,
      failure: this.#failure,
      storeFailure,
      sent: this.#sent,
      refused: this.#refused,
      refusal: this.#refusal,
      retried: this.#retried,
      lost,
      queued: length,
      queuedBytes: bytes,
      lag: oldest === undefined ? 0 : Math.max(0, Date.now() - oldest),
    }
  }

  /**
   * Sends what waits, within a time limit in milliseconds. Then events in memory are lost, and
   * those on disk stay.
   */
  async finish(limit: number): Promise<void> {
    this.#hurry.abort()
    const end = performance.now() + limit
    const timer = setTimeout(() => this.#abort(), limit)
    // A store that does not respond must not keep the agent.
    await pauseUntil(this.#over, limit + abortMs)
    clearTimeout(timer)
    const { connection } = this.#parts
    const left = Math.max(finishMs, end - performance.now())
    if (connection.finish !== undefined) await pauseUntil(connection.finish(), left)
    connection.close()
    await this.#store.close()
  }

  #abort(): void {
    this.#end.abort()
    this.#sending?.abort(new Error('the agent ends'))
  }

  async #run(): Promise<void> {
    const { signal } = this.#hurry
    while (!this.#end.signal.aborted) {
      await this.#store.filled(signal)
      if (this.#store.length === 0) return
      await this.#untilFull()
      await this.#sendBatch()
    }
  }

  /** Waits until there are enough events for a batch, but not longer than it may wait. */
  async #untilFull(): Promise<void> {
    const { events, bytes, linger } = this.#parts.connection.batch
    const { signal } = this.#hurry
    for (let left = linger; left > 0 && !signal.aborted; left -= lingerStep) {
      if (this.#store.length >= events || this.#store.bytes >= bytes) return
      await pause(Math.min(left, lingerStep), { signal })
    }
  }

  async #sendBatch(): Promise<void> {
    const { connection } = this.#parts
    const limit = { events: this.#eventsMax, bytes: connection.batch.bytes }
    let events: readonly QueuedEvent[] = []
    try {
      events = await this.#store.peek(limit)
      if (events.length === 0) return await pause(emptyPause)
      const receipt = await this.#withTimeout((signal) => connection.send(events, signal))
      await this.#settle(events, receipt)
    } catch (error) {
      await this.#failed(events, error as Error)
    }
  }

  async #withTimeout<T>(action: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { timeout } = this.#parts.specification.values
    const sending = new AbortController()
    this.#sending = sending
    const message = `no answer within ${timeout} ms`
    const timer = setTimeout(() => sending.abort(new Error(message)), timeout)
    try {
      if (this.#end.signal.aborted) throw new Error('the agent ends')
      return await action(sending.signal)
    } finally {
      clearTimeout(timer)
      this.#sending = undefined
    }
  }

  async #settle(events: readonly QueuedEvent[], receipt: Receipt): Promise<void> {
    const { refused, again, pauseMs = 0 } = receipt
    const refusedCount = refused?.events.length ?? 0
    const againCount = again?.events.length ?? 0
    this.#sent += events.length - refusedCount - againCount
    if (refused) this.#refuse(refusedCount, printable(refused.reason))
    this.#store.remove(events.length, again?.events)
    // A receiver that accepts some of the events works: the others must not hold up the rest.
    const hasAccepted = againCount < events.length
    if (hasAccepted) this.#backoff.reset()
    if (again) {
      const more = { hasAccepted, afterMs: pauseMs }
      return this.#retry(againCount, printable(again.reason), more)
    }
    if (this.#failure !== undefined) this.#parts.warn(`${this.#title} works again`)
    this.#failure = undefined
    this.#backoff.reset()
    const grown = Math.ceil(this.#eventsMax * growth)
    this.#eventsMax = Math.min(grown, this.#parts.connection.batch.events)
    if (pauseMs > 0) {
      await pause(Math.min(pauseMs, longestPause), { signal: this.#hurry.signal })
    }
  }

  async #failed(events: readonly QueuedEvent[], error: Error): Promise<void> {
    const remedy = error instanceof SendError ? error.remedy : 'again'
    if (this.#end.signal.aborted) return
    if (remedy === 'too-large' && events.length > 1) {
      this.#eventsMax = Math.ceil(events.length / 2)
    } else if (remedy === 'again') {
      const afterMs = error instanceof SendError ? error.afterMs : 0
      await this.#retry(events.length, reasonOf(error), { afterMs })
    } else {
      this.#refuse(events.length, reasonOf(error))
      this.#store.remove(events.length)
    }
  }

  #refuse(count: number, reason: string): void {
    if (this.#refused === 0) this.#parts.warn(`${this.#title} refused ${count} events: ${reason}`)
    this.#refused += count
    this.#refusal = reason
  }

  async #retry(
    count: number,
    reason: string,
    { afterMs = 0, hasAccepted = false }: { afterMs?: number; hasAccepted?: boolean },
  ): Promise<void> {
    this.#retried += count
    if (this.#failure === undefined) this.#parts.warn(`${this.#title} failed: ${reason}`)
    this.#failure = reason
    if (this.#hurry.signal.aborted && !hasAccepted) return this.#abort()
    const ms = Math.max(this.#backoff.next(), Math.min(afterMs, longestPause))
    await pause(ms, { signal: this.#hurry.signal })
  }

  get #title(): string {
    return `output ${this.#parts.specification.name}`
  }
}
