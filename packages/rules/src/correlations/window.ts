import type { Correlation } from '../model/rule.ts'

/** A match that counts for a correlation. */
export interface CorrelatedEvent {
  /** Time of the event, in milliseconds since 1970. */
  readonly timeMs: number
  /** Id of the event for the finding, such as the exec id of its process. */
  readonly id: string
  /** Index of its rule among those of the correlation. */
  readonly part: number
  /** Values that value_count counts; empty for others. */
  readonly value: string
}

/** The events of one group within the timespan. */
export interface Window {
  /** Adds an event. @returns the events that make the correlation match, if they do now */
  add(event: CorrelatedEvent): readonly CorrelatedEvent[] | undefined
  /** Number of kept events. */
  readonly size: number
  /** Time of the newest event. */
  readonly newestMs: number
}

/** An empty window for a correlation. */
export function openWindow(correlation: Correlation): Window {
  switch (correlation.type) {
    case 'event_count':
      return new LatestWindow(correlation, undefined)
    case 'value_count':
      return new LatestWindow(correlation, ({ value }) => value)
    case 'temporal':
      return new LatestWindow(correlation, ({ part }) => part)
    case 'temporal_ordered':
      return new OrderedWindow(correlation)
  }
}

/** Counts events, or different ones: of equal ones only the latest is kept. */
class LatestWindow implements Window {
  readonly #least: number
  readonly #timespanMs: number
  readonly #keyOf: ((event: CorrelatedEvent) => string | number) | undefined
  /** By time. */
  #events: CorrelatedEvent[] = []

  constructor(
    { least, timespanMs }: Correlation,
    keyOf: ((event: CorrelatedEvent) => string | number) | undefined,
  ) {
    this.#least = least
    this.#timespanMs = timespanMs
    this.#keyOf = keyOf
  }

  get size(): number {
    return this.#events.length
  }

  get newestMs(): number {
    return this.#events.at(-1)?.timeMs ?? Number.NEGATIVE_INFINITY
  }

  add(event: CorrelatedEvent): readonly CorrelatedEvent[] | undefined {
    const keyOf = this.#keyOf
    const key = keyOf?.(event)
    const same = keyOf && this.#events.find((each) => keyOf(each) === key)
    if (same !== undefined) {
      if (same.timeMs >= event.timeMs) return undefined
      this.#events.splice(this.#events.indexOf(same), 1)
    }
    insertByTime(this.#events, event)
    const oldestMs = this.newestMs - this.#timespanMs
    let expired = 0
    while (this.#events[expired].timeMs < oldestMs) expired++
    if (expired > 0) this.#events.splice(0, expired)
    if (this.#events.length < this.#least) return undefined
    const found = this.#events
    // The next finding needs new events.
    this.#events = []
    return found
  }
}

/** Finds rules that match one after the other. */
class OrderedWindow implements Window {
  readonly #timespanMs: number
  /** For each rule the chain up to it that began last. */
  #chains: (readonly CorrelatedEvent[] | undefined)[]
  newestMs = Number.NEGATIVE_INFINITY

  constructor({ rules, timespanMs }: Correlation) {
    this.#timespanMs = timespanMs
    this.#chains = rules.map(() => undefined)
  }

  get size(): number {
    return this.#chains.reduce((sum, chain) => sum + (chain?.length ?? 0), 1)
  }

  add(event: CorrelatedEvent): readonly CorrelatedEvent[] | undefined {
    this.newestMs = Math.max(this.newestMs, event.timeMs)
    const { part, timeMs } = event
    if (part === 0) {
      const known = this.#chains[0]?.[0].timeMs ?? Number.NEGATIVE_INFINITY
      if (timeMs >= known) this.#chains[0] = [event]
    } else {
      const before = this.#chains[part - 1]
      const last = before?.at(-1)
      if (before === undefined || last === undefined || last.timeMs > timeMs) return undefined
      if (timeMs - before[0].timeMs > this.#timespanMs) return undefined
      const known = this.#chains[part]?.[0].timeMs ?? Number.NEGATIVE_INFINITY
      if (before[0].timeMs >= known) this.#chains[part] = [...before, event]
    }
    const whole = this.#chains.at(-1)
    if (whole === undefined) return undefined
    this.#chains = this.#chains.map(() => undefined)
    return whole
  }
}

/** Events mostly arrive in order. */
function insertByTime(events: CorrelatedEvent[], event: CorrelatedEvent): void {
  let at = events.length
  while (at > 0 && events[at - 1].timeMs > event.timeMs) at--
  events.splice(at, 0, event)
}
