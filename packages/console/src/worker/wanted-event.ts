import { codecOf, GetEventsResponse } from '@tetragon-ts/api'
import type { EventContent } from '../store/event-segment.ts'
import type { EventStore } from '../store/event-store.ts'

const codec = codecOf(GetEventsResponse)

/**
 * What names an event in all pages that have it: its exact time, and its node. Undefined if it
 * cannot be decoded.
 */
export function eventKey(bytes: Uint8Array): string | undefined {
  try {
    const { time = '', node_name: node = '' } = codec.decode(bytes)
    return `${time} ${node}`
  } catch {
    return undefined
  }
}

/** The event that a link names; it may arrive later. */
export class WantedEvent {
  #key = ''
  /** Milliseconds since 1970. */
  #time = 0
  readonly #onFound: (id: number, key: string) => void

  constructor(onFound: (id: number, key: string) => void) {
    this.#onFound = onFound
  }

  /** Looks for an event among those that are kept, and those that arrive. */
  want(key: string, store: EventStore): void {
    this.#key = key
    this.#time = Date.parse(key.split(' ')[0])
    const found = store.findAt(this.#time, ({ bytes }) => eventKey(bytes) === key)
    if (found !== undefined) this.#found(found.id)
  }

  /** Whether an event that arrives is the one. */
  see(id: number, { time, bytes }: Pick<EventContent, 'time' | 'bytes'>): void {
    if (this.#key !== '' && time === this.#time && eventKey(bytes) === this.#key) this.#found(id)
  }

  #found(id: number): void {
    const key = this.#key
    this.#key = ''
    this.#onFound(id, key)
  }
}
