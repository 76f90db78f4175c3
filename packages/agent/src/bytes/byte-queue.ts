/**
 * A queue of bytes: they arrive in parts of any size, and are removed in parts of other sizes.
 * Each byte is copied at most once.
 */
export class ByteQueue {
  #parts: Buffer[] = []
  #length = 0

  get length(): number {
    return this.#length
  }

  push(bytes: Buffer): void {
    if (bytes.length === 0) return
    this.#parts.push(bytes)
    this.#length += bytes.length
  }

  /** A number at a position that the queue has. */
  readUInt32BE(at: number): number {
    let [value, start] = [0, 0]
    let wanted = at
    for (const part of this.#parts) {
      for (; wanted < Math.min(start + part.length, at + 4); wanted++) {
        value = value * 256 + part[wanted - start]
      }
      if (wanted === at + 4) return value
      start += part.length
    }
    throw new RangeError(`read at ${at}: there are ${this.#length} bytes`)
  }

  /** Takes bytes that the queue has from its start. */
  take(length: number): Buffer {
    if (length > this.#length) throw new RangeError(`take ${length} of ${this.#length} bytes`)
    const taken: Buffer[] = []
    let rest = length
    let at = 0
    for (; rest > 0; at++) {
      const part = this.#parts[at]
      taken.push(part.subarray(0, rest))
      if (part.length > rest) {
        this.#parts[at] = part.subarray(rest)
        break
      }
      rest -= part.length
    }
    this.#parts.splice(0, at)
    this.#length -= length
    return taken.length === 1 ? taken[0] : Buffer.concat(taken)
  }
}
