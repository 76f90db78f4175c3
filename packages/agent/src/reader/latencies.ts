/** Upper ends of the classes, in microseconds. */
export const latencyBounds = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000, 20_000] as const

/** How long records of one kind took. Plain data. */
export interface LatencyTotals {
  /** By class: up to each bound, and beyond the last one. */
  readonly counts: readonly number[]
  /** Microseconds. */
  readonly sum: number
}

/** How long it took to make events of records, by the kind of the record. */
export class Latencies {
  readonly #kinds = new Map<number, { counts: Float64Array; sum: number }>()

  /** @param ms milliseconds that it took */
  add(kind: number, ms: number): void {
    let totals = this.#kinds.get(kind)
    if (totals === undefined) {
      totals = { counts: new Float64Array(latencyBounds.length + 1), sum: 0 }
      this.#kinds.set(kind, totals)
    }
    const us = ms * 1000
    let bucket = 0
    while (bucket < latencyBounds.length && us > latencyBounds[bucket]) bucket++
    totals.counts[bucket]++
    totals.sum += us
  }

  /** Everything by now, by the kind of the record. */
  totals(): readonly (readonly [kind: number, totals: LatencyTotals])[] {
    return [...this.#kinds].map(([kind, { counts, sum }]) => [kind, { counts: [...counts], sum }])
  }
}
