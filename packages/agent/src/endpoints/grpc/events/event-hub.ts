import { type ClassCounts, noCounts } from '@tetragon-ts/outputs/queue'
import { classOfFrame, clearClass, frameEnd } from '../../../reader/outputs/framing.ts'
import type { EventReceiver, EventSource, EventSubscription } from '../server-host.ts'
import { StreamedEvent } from './streamed-event.ts'

// A client that does not read must not delay the reader or other clients: the reader's thread
// transcodes its JSON (1.2 us if the processes are cached; writers of protobuf beside those of JSON
// would save less than 1 us) into a ring and never waits, and each client has a bounded queue.

/** Receives events. */
export interface EventTaker {
  offer(event: StreamedEvent): void
  /** Events were lost before they reached the receivers, by class. */
  addLost(counts: ClassCounts): void
  /** Whether it is full; it gets events anyway while others accept them. */
  readonly isBehind?: boolean
  /** It receives nothing more. */
  close(): void
}

/** Distributes events to all clients. Without clients, no events are requested. */
export class EventHub implements EventReceiver {
  readonly #source: Pick<EventSource, 'open'>
  readonly #clients = new Set<EventTaker>()
  readonly #onFailure: (error: unknown) => void
  #subscription: EventSubscription | undefined

  /**
   * @param onFailure called when an event cannot be sent to a client, for which it counts as lost
   */
  constructor(source: Pick<EventSource, 'open'>, onFailure: (error: unknown) => void) {
    this.#source = source
    this.#onFailure = onFailure
  }

  /** Sends all events to a client after `begun` is fulfilled, until it is closed. */
  add(client: EventTaker): EventSubscription {
    this.#clients.add(client)
    this.#subscription ??= this.#source.open(this)
    const { begun, resume } = this.#subscription
    resume()
    return { begun, resume, close: () => this.#remove(client) }
  }

  /** If all clients are slow, events can wait in the ring without delaying a client. */
  get isFull(): boolean {
    for (const { isBehind = false } of this.#clients) if (!isBehind) return false
    return true
  }

  #remove(client: EventTaker): void {
    client.close()
    this.#clients.delete(client)
    if (this.#clients.size > 0) {
      this.#subscription?.resume()
      return
    }
    this.#subscription?.close()
    this.#subscription = undefined
  }

  messages(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      const end = frameEnd(chunk, at)
      const of = classOfFrame(chunk, at)
      clearClass(chunk, at)
      this.#spread(new StreamedEvent(chunk, at, end, of))
      at = end
    }
  }

  #spread(event: StreamedEvent): void {
    for (const client of this.#clients) {
      try {
        client.offer(event)
      } catch (error) {
        const lost = noCounts()
        lost[event.eventClass] = 1
        client.addLost(lost)
        this.#onFailure(error)
      }
    }
  }

  lost(counts: ClassCounts): void {
    for (const client of this.#clients) client.addLost(counts)
  }
}
