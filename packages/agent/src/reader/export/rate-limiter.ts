import { type EventClass, eventClass } from '@tetragon-ts/outputs/queue'

const minuteMs = 60_000
/** Part of a burst that is reserved for more important events, by class. */
const reserved: Readonly<Record<EventClass, number>> = {
  [eventClass.hook]: 1 / 2,
  [eventClass.process]: 1 / 8,
  [eventClass.enforcement]: 0,
}

/**
 * Limits events per minute; unused ones accumulate for one burst. Half of a burst is reserved for
 * processes and enforcement: otherwise hook events would use up each token that is earned.
 */
export class RateLimiter {
  readonly #perMinute: number
  #tokens: number
  #at: number
  #nextReportAt: number
  #unreported = 0
  /** Dropped events that were not reported yet. */
  dropped = 0

  /** @param now milliseconds of a monotonic clock */
  constructor(perMinute: number, now: number) {
    this.#perMinute = perMinute
    this.#tokens = perMinute
    this.#at = now
    this.#nextReportAt = now + minuteMs
  }

  /** Whether the next event passes. */
  allow(now: number, of: EventClass): boolean {
    const earned = ((now - this.#at) / minuteMs) * this.#perMinute
    this.#tokens = Math.min(this.#perMinute, this.#tokens + earned)
    this.#at = now
    if (this.#tokens >= 1 + Math.floor(this.#perMinute * reserved[of])) {
      this.#tokens--
      return true
    }
    this.dropped++
    this.#unreported++
    return false
  }

  /** Events dropped since the last report, once per minute; 0 in between. */
  due(now: number): number {
    if (now < this.#nextReportAt) return 0
    this.#nextReportAt = now + minuteMs
    return this.takeUnreported()
  }

  /** The same, independent of the time. */
  takeUnreported(): number {
    const unreported = this.#unreported
    this.#unreported = 0
    return unreported
  }
}
