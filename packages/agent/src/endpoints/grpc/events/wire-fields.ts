/** Reads fields of protobuf in order, without creating objects. */
export class WireFields {
  readonly #bytes: Uint8Array
  #at: number
  readonly #end: number
  /** Number of the current field, and position of its value. */
  number = 0
  from = 0
  to = 0

  constructor(bytes: Uint8Array, from: number, to: number) {
    this.#bytes = bytes
    this.#at = from
    this.#end = to
  }

  #varint(): number {
    let value = 0
    for (let shift = 0; shift < 35 && this.#at < this.#end; shift += 7) {
      const byte = this.#bytes[this.#at++]
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
    // Longer numbers are irrelevant here.
    while (this.#at < this.#end && this.#bytes[this.#at - 1] >= 0x80) this.#at++
    return value
  }

  /** False at the end, and at invalid data. */
  next(): boolean {
    if (this.#at >= this.#end) return false
    const tag = this.#varint()
    this.number = Math.floor(tag / 8)
    this.from = this.#at
    switch (tag % 8) {
      case 0:
        this.#varint()
        break
      case 1:
        this.#at += 8
        break
      case 2: {
        const length = this.#varint()
        this.from = this.#at
        this.#at += length
        break
      }
      case 5:
        this.#at += 4
        break
      default:
        return false
    }
    this.to = this.#at
    return this.#at <= this.#end
  }

  /** The number in the field. */
  value(): number {
    return new WireFields(this.#bytes, this.from, this.#end).#varint()
  }

  /** Skips to the field with a number; false if there is none. */
  find(number: number): boolean {
    while (this.next()) if (this.number === number) return true
    return false
  }
}
