/** Reads the fields of a response. Errors of the range mean that it is not one of Kafka. */
export class WireReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  int8(): number {
    return this.#bytes.readInt8(this.#skip(1))
  }

  int16(): number {
    return this.#bytes.readInt16BE(this.#skip(2))
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#skip(4))
  }

  int64(): bigint {
    return this.#bytes.readBigInt64BE(this.#skip(8))
  }

  string(): string | undefined {
    const length = this.int16()
    return length < 0 ? undefined : this.#take(length).toString('utf8')
  }

  bytes(): Buffer {
    return this.#take(Math.max(0, this.int32()))
  }

  array<T>(each: (reader: this) => T): T[] {
    const length = this.int32()
    // An item has two bytes or more: a hostile length must not take memory.
    if (length > this.#bytes.length / 2) throw new RangeError(`a list of ${length} is too long`)
    const items: T[] = []
    for (let index = 0; index < length; index++) items.push(each(this))
    return items
  }

  #skip(length: number): number {
    const at = this.#at
    this.#at += length
    return at
  }

  #take(length: number): Buffer {
    const at = this.#skip(length)
    if (this.#at > this.#bytes.length) throw new RangeError('the response is cut off')
    return this.#bytes.subarray(at, this.#at)
  }
}
