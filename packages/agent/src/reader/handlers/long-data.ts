import { waitingLimits } from '@tetragon-ts/sensors'
import type { Pieces } from '../json/hook-reader.ts'
import { PieceJoiner } from './piece-joiner.ts'

/**
 * Joins values that are too long for their hook's record: their pieces arrive first. If a piece was
 * lost, the event has the pieces that arrived, and the value's full size from its record.
 */
export class LongData {
  readonly #pieces: PieceJoiner

  /** @param capacity maximum number of threads whose pieces wait for their record */
  constructor(capacity = waitingLimits.values) {
    this.#pieces = new PieceJoiner(capacity)
  }

  /**
   * Adds a piece.
   * @param offset of the piece in its value; 0 starts a new value
   */
  add(hook: number, tid: number, index: number, offset: number, bytes: Uint8Array): void {
    this.#pieces.add(ownerOf(hook, tid), 0, index, bytes, offset === 0)
  }

  /**
   * Removes and returns the values of the next record of a hook and thread, as far as they arrived.
   */
  take(hook: number, tid: number): Pieces | undefined {
    return this.#pieces.take(ownerOf(hook, tid), 0)
  }

  /** Drops the pieces of a hook. */
  remove(hook: number): void {
    this.#pieces.remove((owner) => Math.floor(owner / threads) === hook)
  }
}

/** Thread ids have 22 bits. */
const threads = 4194304

/** Exact below 2^53. */
function ownerOf(hook: number, tid: number): number {
  return hook * threads + tid
}
