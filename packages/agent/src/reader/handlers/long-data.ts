import { waitingLimits } from '@tetragon-ts/sensors'
import type { Pieces } from '../json/hook-reader.ts'

interface Waiting {
  readonly pieces: Map<number, Uint8Array[]>
}

/** Joins values that are too long for their hook's record: pieces come before it. */
export class LongData {
  readonly #waiting = new Map<number, Waiting>()
  readonly #capacity: number

  /**
   * @param capacity threads whose pieces wait for their record at most: it follows unless it was
   *   lost
   */
  constructor(capacity = waitingLimits.values) {
    this.#capacity = capacity
  }

  /**
   * Takes a piece; it is copied, since the ring's memory is given back.
   * @param offset of the piece in its value; at 0 a new value begins, whatever was there before
   */
  add(hook: number, tid: number, place: number, offset: number, bytes: Uint8Array): void {
    const key = keyOf(hook, tid)
    let waiting = this.#waiting.get(key)
    if (!waiting) {
      waiting = { pieces: new Map() }
      this.#waiting.set(key, waiting)
      if (this.#waiting.size > this.#capacity) {
        const [oldest] = this.#waiting.keys()
        this.#waiting.delete(oldest)
      }
    }
    const known = offset === 0 ? undefined : waiting.pieces.get(place)
    const copy = Uint8Array.from(bytes)
    if (known) known.push(copy)
    else waiting.pieces.set(place, [copy])
  }

  /** What belongs to the next record of a hook and thread, as far as it came; forgets it. */
  take(hook: number, tid: number): Pieces | undefined {
    if (this.#waiting.size === 0) return undefined
    const key = keyOf(hook, tid)
    const waiting = this.#waiting.get(key)
    if (!waiting) return undefined
    this.#waiting.delete(key)
    return new Map([...waiting.pieces].map(([place, parts]) => [place, Buffer.concat(parts)]))
  }

  /** Forgets what came for a hook. */
  remove(hook: number): void {
    for (const key of this.#waiting.keys()) {
      if (Math.floor(key / threads) === hook) this.#waiting.delete(key)
    }
  }
}

/** Thread ids have 22 bits. */
const threads = 4194304

/** Exact below 2^53. */
function keyOf(hook: number, tid: number): number {
  return hook * threads + tid
}
