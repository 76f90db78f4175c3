import { framePrefix } from '../../../reader/outputs/framing.ts'
import { eventPid } from '../events/event-pid.ts'
import { type EventTime, eventTime } from '../events/event-time.ts'
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
    const time = timeOf(event)
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
    const time = timeOf(event)
    if (time === undefined) return false
    if (time.seconds > this.#last + overlap) this.#keys.clear()
    return this.#keys.delete(keyOf(event, time))
  }
}

/** The time of an event. */
export function timeOf({ bytes, from, to }: StreamedEvent): EventTime | undefined {
  return eventTime(bytes, from + framePrefix, to)
}

/** Filters and redaction of the export may have changed the rest. */
function keyOf({ bytes, from, to, kind }: StreamedEvent, { seconds, nanos }: EventTime): string {
  return `${kind} ${seconds} ${nanos} ${eventPid(bytes, from + framePrefix, to) ?? ''}`
}
