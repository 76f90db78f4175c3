import { pause } from '@tetragon-ts/service/timers'
import type { RecordedEvent } from '../recorded/record-reader.ts'

/** Longest time that a timer can wait, in milliseconds. */
const timerMax = 2 ** 31 - 1

/** When recorded events are due: the first at once, others as long after it as they were then. */
export class Pace {
  readonly #speed: number
  readonly #now: () => number
  /** Time of the first event, and when it was played. */
  #first: { readonly time: number; readonly at: number } | undefined

  /** @param speed how many times faster; Infinity: everything is due */
  constructor(speed: number, now = () => performance.now()) {
    this.#speed = speed
    this.#now = now
  }

  /** Milliseconds until an event of this time is due; 0 if it is. */
  until(time: number): number {
    if (this.#speed === Number.POSITIVE_INFINITY || !Number.isFinite(time)) return 0
    this.#first ??= { time, at: this.#now() }
    const { time: firstTime, at } = this.#first
    return Math.max(0, at + (time - firstTime) / this.#speed - this.#now())
  }

  /** Waits until an event of this time is due, or the signal is aborted. */
  async wait(time: number, signal: AbortSignal): Promise<void> {
    for (let ms = this.until(time); ms > 0 && !signal.aborted; ms = this.until(time)) {
      await pause(Math.min(Math.ceil(ms), timerMax), { signal })
    }
  }

  /** Index after the last event that is due, at least `from` + 1. */
  due(events: readonly RecordedEvent[], from: number): number {
    if (this.#speed === Number.POSITIVE_INFINITY) return events.length
    let end = from + 1
    while (end < events.length && this.until(events[end].time) === 0) end++
    return end
  }
}
