/** Writes the fields of a request to a Kafka broker: big endian, in the versions without tags. */
export class WireWriter {
  readonly #chunks: Buffer[] = []

  int8(value: number): this {
    return this.#add(1, (chunk) => chunk.writeInt8(value))
  }

  int16(value: number): this {
    return this.#add(2, (chunk) => chunk.writeInt16BE(value))
  }

  int32(value: number): this {
    return this.#add(4, (chunk) => chunk.writeInt32BE(value))
  }

  /** @param value undefined is null */
  string(value: string | undefined): this {
    if (value === undefined) return this.int16(-1)
    const text = Buffer.from(value)
    this.int16(text.length)
    this.#chunks.push(text)
    return this
  }

  bytes(value: Buffer): this {
    this.int32(value.length)
    this.#chunks.push(value)
    return this
  }

  array<T>(items: readonly T[], each: (item: T, writer: this) => void): this {
    this.int32(items.length)
    for (const item of items) each(item, this)
    return this
  }

  #add(size: number, write: (chunk: Buffer) => void): this {
    const chunk = Buffer.alloc(size)
    write(chunk)
    this.#chunks.push(chunk)
    return this
  }

  /** What was written. */
  get result(): Buffer {
    return Buffer.concat(this.#chunks)
  }
}
