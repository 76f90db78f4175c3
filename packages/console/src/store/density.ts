import { eventKinds } from '@tetragon-ts/api'

/** What {@link Density} counts separately: the kinds of events, and all that are unknown. */
export const densityKinds: readonly string[] = [...eventKinds.map(({ key }) => key), '']

const kindCount = densityKinds.length
const columns = new Map(densityKinds.map((kind, column) => [kind, column]))

/** Counts of events by time and kind, from the first bucket with an event to the last one. */
export interface DensityPart {
  /** Start of the first bucket, in milliseconds since 1970. */
  readonly start: number
  /** Milliseconds of a bucket. */
  readonly width: number
  /** For each bucket a count per kind, in the order of {@link densityKinds}. */
  readonly counts: Uint32Array
}

/**
 * Counts events by time and kind. It has a fixed number of buckets, whose width doubles when the
 * range of times grows beyond them, so that its memory is bounded and no event is counted again.
 */
export class Density {
  readonly #buckets: number
  /** Milliseconds of a bucket. */
  #width: number
  /** A ring: the bucket of a time is `floor(time / width)`, modulo the number of buckets. */
  #counts: Uint32Array
  /** Events of each bucket of the ring. */
  #totals: Uint32Array
  /** The first and the last bucket with an event; without events, `#last` is before `#first`. */
  #first = 0
  #last = -1

  /** @param width of a bucket at the start, in milliseconds */
  constructor(buckets = 512, width = 250) {
    this.#buckets = buckets
    this.#width = width
    this.#counts = new Uint32Array(buckets * kindCount)
    this.#totals = new Uint32Array(buckets)
  }

  add(kind: string, time: number): void {
    let bucket = Math.floor(time / this.#width)
    while (!this.#fits(bucket)) {
      this.#doubleWidth()
      bucket = Math.floor(time / this.#width)
    }
    const isEmpty = this.#last < this.#first
    this.#first = isEmpty ? bucket : Math.min(this.#first, bucket)
    this.#last = isEmpty ? bucket : Math.max(this.#last, bucket)
    this.#change(bucket, kind, 1)
  }

  /** Removes an event that was added. */
  remove(kind: string, time: number): void {
    this.#change(Math.floor(time / this.#width), kind, -1)
    while (this.#first <= this.#last && this.#totals[this.#slot(this.#first)] === 0) this.#first++
    while (this.#first <= this.#last && this.#totals[this.#slot(this.#last)] === 0) this.#last--
  }

  /** A copy of the counts. */
  part(): DensityPart {
    const length = this.#last - this.#first + 1
    const counts = new Uint32Array(length * kindCount)
    for (let i = 0; i < length; i++) {
      const at = this.#slot(this.#first + i) * kindCount
      counts.set(this.#counts.subarray(at, at + kindCount), i * kindCount)
    }
    return { start: this.#first * this.#width, width: this.#width, counts }
  }

  #fits(bucket: number): boolean {
    if (this.#last < this.#first) return true
    return Math.max(this.#last, bucket) - Math.min(this.#first, bucket) < this.#buckets
  }

  #slot(bucket: number): number {
    return ((bucket % this.#buckets) + this.#buckets) % this.#buckets
  }

  #change(bucket: number, kind: string, by: number): void {
    const slot = this.#slot(bucket)
    this.#counts[slot * kindCount + (columns.get(kind) ?? kindCount - 1)] += by
    this.#totals[slot] += by
  }

  /** Makes one bucket of two: the boundaries of the wider ones are boundaries already. */
  #doubleWidth(): void {
    const { counts } = this.part()
    const first = this.#first
    this.#width *= 2
    this.#counts.fill(0)
    this.#totals.fill(0)
    this.#first = Math.floor(first / 2)
    this.#last = Math.floor(this.#last / 2)
    for (const [i, count] of counts.entries()) {
      const slot = this.#slot(Math.floor((first + Math.floor(i / kindCount)) / 2))
      this.#counts[slot * kindCount + (i % kindCount)] += count
      this.#totals[slot] += count
    }
  }
}
