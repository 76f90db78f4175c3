import { type ClassCounts, eventClass, noCounts, sumOf } from '../queue/event-class.ts'
import type { QueuedEvent } from '../queue/event-store.ts'
import { recordHead } from './record.ts'

/** Events that wait in a segment, and the bytes of their records, by class. */
export class Unread {
  readonly #events = noCounts()
  readonly #bytes = noCounts()

  get events(): ClassCounts {
    return this.#events
  }

  get bytes(): ClassCounts {
    return this.#bytes
  }

  get count(): number {
    return sumOf(this.#events)
  }

  add({ eventClass: of, line }: QueuedEvent): void {
    this.#events[of]++
    this.#bytes[of] += recordHead + line.length
  }

  remove({ eventClass: of, line }: QueuedEvent): void {
    this.#events[of]--
    this.#bytes[of] -= recordHead + line.length
  }

  /** Parts of files that cannot be read: at least one event in each, which take no room. */
  static unknown(parts: number): Unread {
    const unread = new Unread()
    unread.#events[eventClass.process] = parts
    return unread
  }
}
