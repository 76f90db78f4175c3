import type { Fields } from '@tetragon-ts/ebpf/records'
import { type DataRecord, dataStream, waitingLimits } from '@tetragon-ts/sensors'
import type { Pieces } from '../json/hook-reader.ts'

const nothing = Buffer.alloc(0)
/** Thread ids have 22 bits. */
const threads = 4194304

interface Waiting {
  /** Distinguishes consecutive owners with the same number. */
  readonly incarnation: number
  readonly values: Map<number, Uint8Array[]>
}

/** Values by their index in the record that they belong to. */
type JoinedValues = ReadonlyMap<number, Buffer>

/** Joins values that arrive in pieces, before their record. */
class PieceJoiner {
  readonly #waiting = new Map<number, Waiting>()
  readonly #capacity: number
  /** Owners whose pieces were evicted. */
  evicted = 0

  /**
   * @param capacity maximum number of owners whose pieces wait: their record follows unless it was
   *   lost
   */
  constructor(capacity: number) {
    this.#capacity = capacity
  }

  /** Owners whose pieces wait. */
  get size(): number {
    return this.#waiting.size
  }

  /**
   * Adds a copy of a piece, since the ring's memory is reused.
   * @param incarnation pieces of an earlier one are dropped: their record was lost
   * @param isFirst whether a new value begins
   */
  add(owner: number, incarnation: number, index: number, piece: Uint8Array, isFirst = false): void {
    let waiting = this.#waiting.get(owner)
    if (waiting?.incarnation !== incarnation) {
      waiting = { incarnation, values: new Map() }
      this.#waiting.delete(owner)
      this.#waiting.set(owner, waiting)
      if (this.#waiting.size > this.#capacity) {
        const [oldest] = this.#waiting.keys()
        this.#waiting.delete(oldest)
        this.evicted++
      }
    }
    const known = isFirst ? undefined : waiting.values.get(index)
    const copy = new Uint8Array(piece)
    if (known) known.push(copy)
    else waiting.values.set(index, [copy])
  }

  /** Removes and returns the values of an owner, as far as they arrived; undefined if none did. */
  take(owner: number, incarnation: number): JoinedValues | undefined {
    if (this.#waiting.size === 0) return undefined
    const waiting = this.#waiting.get(owner)
    if (waiting === undefined) return undefined
    this.#waiting.delete(owner)
    if (waiting.incarnation !== incarnation) return undefined
    return new Map([...waiting.values].map(([index, parts]) => [index, Buffer.concat(parts)]))
  }

  /** Drops the pieces of some owners. */
  remove(isGone: (owner: number) => boolean): void {
    for (const owner of this.#waiting.keys()) if (isGone(owner)) this.#waiting.delete(owner)
  }
}

/** Joins arguments and environments that were too long for one record. */
export class DataJoiner {
  readonly #pieces: PieceJoiner

  /** @param capacity maximum number of processes whose pieces wait for their exec */
  constructor(capacity = waitingLimits.values) {
    this.#pieces = new PieceJoiner(capacity)
  }

  /** Processes whose pieces wait. */
  get size(): number {
    return this.#pieces.size
  }

  /** Processes whose pieces were evicted. */
  get evicted(): number {
    return this.#pieces.evicted
  }

  /** Adds a piece. */
  add({ key, stream, bytes }: Fields<typeof DataRecord.shape>, memory: Uint8Array): void {
    const { offset, length } = bytes
    this.#pieces.add(key.pid, key.ktime, stream, memory.subarray(offset, offset + length))
  }

  /** Removes and returns the values of an exec, as far as they arrived. */
  take(pid: number, ktime: number): { args: Uint8Array; env: Uint8Array } {
    const values = this.#pieces.take(pid, ktime)
    const { args, env } = dataStream
    return { args: values?.get(args) ?? nothing, env: values?.get(env) ?? nothing }
  }
}

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

/** Exact below 2^53. */
function ownerOf(hook: number, tid: number): number {
  return hook * threads + tid
}
