/** Bytes of a name that count for its hash, so that absurd names cost nothing. */
const HASHED = 256

/** Hash of the NUL-terminated name at `start`. */
function hashName(bytes: Uint8Array, start: number): number {
  const end = Math.min(bytes.length, start + HASHED)
  let hash = 0
  for (let at = start; at < end; at++) {
    const byte = bytes[at]
    if (byte === 0) break
    hash = (Math.imul(hash, 31) + byte) | 0
  }
  // Spread the high bits, the table takes the low ones.
  return hash ^ (hash >>> 15)
}

/**
 * Hash table from names to type ids, in two typed arrays: no string per type. It goes by the
 * bytes of the names and not by their offsets, so it does not matter whether the strings are
 * de-duplicated or share their ends.
 */
export class NameIndex {
  readonly #heads: Int32Array
  readonly #next: Int32Array
  readonly #mask: number
  readonly #firstId: number

  constructor(firstId: number, count: number) {
    let size = 16
    while (size < count) size *= 2
    this.#heads = new Int32Array(size)
    this.#next = new Int32Array(count)
    this.#mask = size - 1
    this.#firstId = firstId
  }

  /** Adds a type with the NUL-terminated name at `start`. */
  add(id: number, bytes: Uint8Array, start: number): void {
    const slot = hashName(bytes, start) & this.#mask
    this.#next[id - this.#firstId] = this.#heads[slot]
    this.#heads[slot] = id
  }

  /** Ids whose name has the same hash, ascending; the caller compares the names. */
  candidates(name: Uint8Array): number[] {
    const ids: number[] = []
    let id = this.#heads[hashName(name, 0) & this.#mask]
    while (id !== 0) {
      ids.push(id)
      id = this.#next[id - this.#firstId]
    }
    return ids.reverse()
  }
}
