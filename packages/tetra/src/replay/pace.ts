import { pause } from '@tetragon-ts/service/timers'
import type { RecordedEvent } from '../recorded/record-reader.ts'

/** Longest time that a timer can wait, in milliseconds. */
const timerMax = 2 ** 31 - 1

/** How fast a recording is played. */
export interface Tempo {
  /** How many times faster than it happened; Infinity: everything is due. */
  readonly speed: number
  /** Longest pause between two events, in milliseconds. */
  readonly pauseMax: number
}

/**
 * When recorded events are due: the first immediately, others after the pauses that were between
 * them. Longer ones are cut: an agent begins with processes that had been running for hours.
 */
export class Pace {
  readonly #tempo: Tempo
  readonly #now: () => number
  /** Time of the last event, and when it was due. */
  #last: { readonly time: number; readonly at: number } | undefined

  constructor(tempo: Tempo, now = () => performance.now()) {
    this.#tempo = tempo
    this.#now = now
  }

  /** Milliseconds until an event of this time is due; 0 if it is. */
  until(time: number): number {
    const { speed, pauseMax } = this.#tempo
    if (speed === Number.POSITIVE_INFINITY || !Number.isFinite(time)) return 0
    this.#last ??= { time, at: this.#now() }
    const pause = Math.min((time - this.#last.time) / speed, pauseMax)
    const at = this.#last.at + pause
    const wait = Math.max(0, at - this.#now())
    if (wait === 0 && pause > 0) this.#last = { time, at }
    return wait
  }

  /** Waits until an event of this time is due, or the signal is aborted. */
  async wait(time: number, signal: AbortSignal): Promise<void> {
    for (let ms = this.until(time); ms > 0 && !signal.aborted; ms = this.until(time)) {
      await pause(Math.min(Math.ceil(ms), timerMax), { signal })
    }
  }

  /** Index after the last event that is due, at least `from` + 1. */
  due(events: readonly RecordedEvent[], from: number): number {
    if (this.#tempo.speed === Number.POSITIVE_INFINITY) return events.length
    let end = from + 1
    while (end < events.length && this.until(events[end].time) === 0) end++
    return end
  }
}
