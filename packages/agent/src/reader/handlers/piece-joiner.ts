interface Waiting {
  /** Distinguishes consecutive owners with the same number. */
  readonly incarnation: number
  readonly values: Map<number, Uint8Array[]>
}

/** Values by their index in the record that they belong to. */
export type JoinedValues = ReadonlyMap<number, Buffer>

/** Joins values that arrive in pieces, before their record. */
export class PieceJoiner {
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
