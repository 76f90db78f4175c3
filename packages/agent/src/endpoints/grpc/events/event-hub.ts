import { frameEnd } from '../../../reader/outputs/framing.ts'
import type { EventReceiver, EventSource, EventSubscription } from '../server-host.ts'
import { StreamedEvent } from './streamed-event.ts'

/** What events are handed to. */
export interface EventTaker {
  offer(event: StreamedEvent): void
  /** Events were lost before anybody could look at them. */
  addLost(count: number): void
  /**
   * Whether it would rather have no more for now; it gets them all the same while others want them.
   */
  readonly isBehind?: boolean
  /** It receives nothing any more. */
  close(): void
}

/** Spreads events to all clients. While there is none, none are asked for. */
export class EventHub implements EventReceiver {
  readonly #source: EventSource
  readonly #clients = new Set<EventTaker>()
  readonly #onFailure: (error: unknown) => void
  #subscription: EventSubscription | undefined

  /** @param onFailure called when an event cannot be sent to a client, which gets the loss */
  constructor(source: EventSource, onFailure: (error: unknown) => void) {
    this.#source = source
    this.#onFailure = onFailure
  }

  /** Sends a client all events from when `begun` is fulfilled on, until it is closed. */
  add(client: EventTaker): EventSubscription {
    this.#clients.add(client)
    this.#subscription ??= this.#source.open(this)
    const { begun, resume } = this.#subscription
    resume()
    return { begun, resume, close: () => this.#remove(client) }
  }

  /** While all clients are behind, events can wait in the ring without delaying any of them. */
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
      this.#spread(new StreamedEvent(chunk, at, end))
      at = end
    }
  }

  #spread(event: StreamedEvent): void {
    for (const client of this.#clients) {
      try {
        client.offer(event)
      } catch (error) {
        client.addLost(1)
        this.#onFailure(error)
      }
    }
  }

  lost(count: number): void {
    for (const client of this.#clients) client.addLost(count)
  }
}
