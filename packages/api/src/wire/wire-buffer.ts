import { allocate, type Bytes, writeLatin1 } from '#platform'

const firstSize = 1 << 16

/** A growing buffer for protobuf that is written from start to end. */
export class WireBuffer {
  bytes: Bytes = allocate(firstSize)
  length = 0

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return
    const larger = allocate(Math.max(this.bytes.length * 2, this.length + count))
    larger.set(this.bytes.subarray(0, this.length))
    this.bytes = larger
  }

  /** Writes an unsigned integer below 2^53. */
  varint(value: number): void {
    this.reserve(8)
    const { bytes } = this
    let rest = value
    for (; rest > 0x7fffffff; rest = Math.floor(rest / 0x80)) {
      bytes[this.length++] = (rest & 0x7f) | 0x80
    }
    for (; rest >= 0x80; rest >>>= 7) bytes[this.length++] = (rest & 0x7f) | 0x80
    bytes[this.length++] = rest
  }

  /** Writes bytes as they are. */
  append(source: Uint8Array): void {
    this.reserve(source.length)
    this.bytes.set(source, this.length)
    this.length += source.length
  }

  /** Writes a string with one byte per character. */
  latin1(text: string): void {
    this.reserve(text.length)
    writeLatin1(this.bytes, text, this.length)
    this.length += text.length
  }

  /**
   * Writes the length of the bytes since `start` before them; `room` bytes were reserved for it. If
   * it needs a different size, the bytes are moved.
   * @returns size of the length
   */
  putLength(start: number, room: number): number {
    const length = this.length - start
    const size = varintSize(length)
    if (size !== room) {
      this.reserve(size)
      this.bytes.copyWithin(start - room + size, start, this.length)
      this.length += size - room
    }
    const end = this.length
    this.length = start - room
    this.varint(length)
    this.length = end
    return size
  }
}

/** Bytes of an integer below 2^31. */
export function varintSize(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x200000 ? 3 : value < 0x10000000 ? 4 : 5
}
