import type { Timestamp } from '../events/event-fields.ts'
import type { StreamedEvent } from '../events/streamed-event.ts'

/** Number of events that are remembered: more than the ring of live events has. */
const sentMax = 2 ** 16
/** Seconds after which no live event is one of the past. */
const overlap = 10

/** The last events of the past that were sent: live ones among them are not sent again. */
export class SentEvents {
  /** In order. */
  readonly #keys = new Set<string>()
  #last = 0

  add(event: StreamedEvent): void {
    const { time } = event
    if (time === undefined) return
    if (this.#keys.size >= sentMax) {
      const [oldest] = this.#keys
      this.#keys.delete(oldest)
    }
    this.#keys.add(keyOf(event, time))
    this.#last = Math.max(this.#last, time.seconds)
  }

  /** Whether a live event was sent; it forgets everything when no more can have been. */
  has(event: StreamedEvent): boolean {
    if (this.#keys.size === 0) return false
    const { time } = event
    if (time === undefined) return false
    if (time.seconds > this.#last + overlap) this.#keys.clear()
    return this.#keys.delete(keyOf(event, time))
  }
}

/** Filters and redaction of the export may have changed the rest. */
function keyOf({ kind, pid = 0 }: StreamedEvent, { seconds, nanos }: Timestamp): string {
  return `${kind} ${seconds} ${nanos} ${pid}`
}
