/** Upper bounds of the buckets, in microseconds. */
export const latencyBounds = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000, 20_000] as const

/** Latencies of records of one kind. Plain data. */
export interface LatencyTotals {
  /** By bucket: up to each bound, and above the last one. */
  readonly counts: readonly number[]
  /** Microseconds. */
  readonly sum: number
}

/** Time to turn records into events, by kind of record. */
export class Latencies {
  readonly #kinds = new Map<number, { counts: Float64Array; sum: number }>()

  /** @param ms duration in milliseconds */
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

  /** All latencies so far, by kind of record. */
  totals(): readonly (readonly [kind: number, totals: LatencyTotals])[] {
    return [...this.#kinds].map(([kind, { counts, sum }]) => [kind, { counts: [...counts], sum }])
  }
}
