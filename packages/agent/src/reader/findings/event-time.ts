import type { WallClock } from '../json/event-lines.ts'

const twoTo32 = 2 ** 32
const nsInMs = 1e6

/** When an event happened. */
export class EventTime {
  readonly #clock: WallClock
  readonly #high: number
  readonly #low: number

  /** @param high, low halves of the nanoseconds since boot */
  constructor(clock: WallClock, high: number, low: number) {
    this.#clock = clock
    this.#high = high
    this.#low = low
  }

  /** Milliseconds since boot, which a change of the clock does not move. */
  get bootMs(): number {
    return (this.#high * twoTo32 + this.#low) / nsInMs
  }

  /** Milliseconds since 1970. */
  get wallMs(): number {
    return this.#clock.milliseconds(this.#high, this.#low)
  }

  /** RFC 3339, for fields of rules. */
  get text(): string {
    return new Date(this.wallMs).toISOString()
  }
}
