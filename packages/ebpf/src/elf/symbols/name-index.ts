/** Bytes at the start and at the end of a name that its hash depends on. */
const hashedBytes = 24

/** A hash of the bytes of a name: 32 bits, in constant time. */
export function hashName(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start
  const head = Math.min(end, start + hashedBytes)
  for (let at = start; at < head; at++) hash = Math.imul(hash ^ bytes[at], 0x0100_0193)
  for (let at = Math.max(head, end - hashedBytes); at < end; at++) {
    hash = Math.imul(hash ^ bytes[at], 0x0100_0193)
  }
  return hash >>> 0
}

/** Positions by the hash of their names: 8 bytes for each. */
export class NameIndex {
  /** The first position of each bucket, plus one; 0 for empty ones. */
  readonly #first: Uint32Array
  /** The next position in the same bucket, plus one. */
  readonly #next: Uint32Array
  readonly #mask: number

  constructor(count: number, hashOf: (position: number) => number) {
    const size = 2 ** Math.ceil(Math.log2(count + 1))
    this.#mask = size - 1
    this.#first = new Uint32Array(size)
    this.#next = new Uint32Array(count)
    for (let position = count - 1; position >= 0; position--) {
      const bucket = (hashOf(position) & this.#mask) >>> 0
      this.#next[position] = this.#first[bucket]
      this.#first[bucket] = position + 1
    }
  }

  /** The positions whose names may have this hash, ascending. */
  *positions(hash: number): Generator<number> {
    let next = this.#first[(hash & this.#mask) >>> 0]
    while (next !== 0) {
      yield next - 1
      next = this.#next[next - 1]
    }
  }
}
