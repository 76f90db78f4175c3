import type { Match, Subject } from './filter.ts'

/** An event as it is kept. */
export interface StoredEvent {
  /** Number of the event since the start, from 0. */
  readonly id: number
  /** JSON key of its kind, such as `process_exec`. */
  readonly kind: string
  /** Milliseconds since 1970. */
  readonly time: number
  /** The compact form. */
  readonly line: string
  readonly fields: Subject['fields']
  /** The event in wire form. */
  readonly bytes: Uint8Array
}

/**
 * The last events, and those among them that a filter shows. Old events are dropped beyond a number
 * of events and of bytes.
 */
export class EventStore {
  readonly #eventsMax: number
  readonly #bytesMax: number
  /** The events from number #first on. */
  #events: StoredEvent[] = []
  #first = 0
  /** Index in #events of the first one that is kept: the array is shortened now and then. */
  #start = 0
  #bytes = 0
  #match: Match = () => true
  /** Numbers of the shown events; those before #shownStart are dropped. */
  #shown: number[] = []
  #shownStart = 0
  /** Events that were dropped. */
  dropped = 0

  constructor(eventsMax: number, bytesMax: number) {
    this.#eventsMax = eventsMax
    this.#bytesMax = bytesMax
  }

  /** Number of kept events. */
  get size(): number {
    return this.#events.length - this.#start
  }

  /** Number of kept events that the filter shows. */
  get shown(): number {
    return this.#shown.length - this.#shownStart
  }

  /** Adds an event. @returns its number */
  add(event: Omit<StoredEvent, 'id'>): number {
    const id = this.#first + this.#events.length
    this.#events.push({ ...event, id })
    this.#bytes += sizeOf(event)
    if (this.#match(subjectOf(event))) this.#shown.push(id)
    while (this.size > this.#eventsMax || (this.#bytes > this.#bytesMax && this.size > 1))
      this.#drop()
    return id
  }

  #drop(): void {
    const event = this.#events[this.#start++]
    this.#bytes -= sizeOf(event)
    this.dropped++
    if (this.#shown[this.#shownStart] === event.id) this.#shownStart++
    if (this.#start > 1024 && this.#start > this.size) {
      this.#events = this.#events.slice(this.#start)
      this.#first += this.#start
      this.#start = 0
    }
    if (this.#shownStart > 1024 && this.#shownStart > this.shown) {
      this.#shown = this.#shown.slice(this.#shownStart)
      this.#shownStart = 0
    }
  }

  /** The event with a number; undefined if it was dropped. */
  get(id: number): StoredEvent | undefined {
    const index = id - this.#first
    return index < this.#start ? undefined : this.#events[index]
  }

  /** Shows only events that match. */
  filter(match: Match): void {
    this.#match = match
    this.#shownStart = 0
    this.#shown = this.#events
      .slice(this.#start)
      .filter((event) => match(subjectOf(event)))
      .map(({ id }) => id)
  }

  /** Shown events by their position among all shown ones, the oldest first. */
  rows(from: number, to: number): StoredEvent[] {
    const ids = this.#shown.slice(this.#shownStart + from, this.#shownStart + to)
    return ids.flatMap((id) => this.get(id) ?? [])
  }

  /** Number of shown events up to and including that with a number. */
  shownUpTo(id: number): number {
    let [low, high] = [this.#shownStart, this.#shown.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#shown[middle] <= id) low = middle + 1
      else high = middle
    }
    return low - this.#shownStart
  }
}

function subjectOf({ line, fields }: Pick<StoredEvent, 'line' | 'fields'>): Subject {
  return { line: line.toLowerCase(), fields }
}

/** Bytes that an event takes, about. */
function sizeOf({ line, bytes }: Pick<StoredEvent, 'line' | 'bytes'>): number {
  return 300 + 2 * line.length + bytes.length
}
