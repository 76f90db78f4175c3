import { allocate, type Bytes, copy, utf8Length, writeUtf8 } from '#platform'
import { ProtobufError } from './protobuf-error.ts'

/** Longer texts are encoded by the engine. */
const longestLoop = 64
const firstSize = 4096
const largestUint64 = 2n ** 64n - 1n
const smallestInt64 = -(2n ** 63n)

/**
 * Writes a message from end to start, so that the length of a nested message is known when it is
 * written, without moving or measuring. Related parts are written in reverse: first the value, then
 * its length, then its tag.
 */
export class ReverseWriter {
  #buffer: Bytes = allocate(firstSize)
  #start = firstSize

  /** Bytes written so far. */
  get length(): number {
    return this.#buffer.length - this.#start
  }

  /** A copy of the written bytes; the writer is empty afterwards. */
  take(): Bytes {
    const bytes = copy(this.#buffer.subarray(this.#start))
    this.clear()
    return bytes
  }

  /** Drops the written bytes; a buffer that one huge message enlarged is released. */
  clear(): void {
    if (this.#buffer.length > firstSize << 8) this.#buffer = allocate(firstSize)
    this.#start = this.#buffer.length
  }

  #reserve(count: number): void {
    if (this.#start >= count) return
    const { length } = this
    const size = Math.max(this.#buffer.length * 2, length + count)
    const larger = allocate(size)
    larger.set(this.#buffer.subarray(this.#start), size - length)
    this.#buffer = larger
    this.#start = size - length
  }

  /** An unsigned integer below 2^53. */
  varint(value: number): void {
    this.#reserve(8)
    if (value < 0x80) {
      this.#buffer[--this.#start] = value
      return
    }
    let count = 1
    for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) count++
    this.#start -= count
    let at = this.#start
    let rest = value
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.#buffer[at++] = (rest & 0x7f) | 0x80
    this.#buffer[at] = rest
  }

  /** A signed 32-bit integer; negative ones take ten bytes like 64-bit ones. */
  int32(value: number): void {
    if (value >= 0) this.varint(value)
    else this.#bigVarint(BigInt.asUintN(64, BigInt(value)))
  }

  /** A 64-bit integer, as a number or as decimal digits. @throws ProtobufError */
  int64(value: string | number): void {
    const number = Number(value)
    if (Number.isSafeInteger(number) && number >= 0 && value !== '') this.varint(number)
    else this.#bigVarint(readInt64(value))
  }

  /** An unsigned integer in eight bytes, as a number or as decimal digits. @throws ProtobufError */
  fixed64(value: string | number): void {
    this.#reserve(8)
    this.#start -= 8
    let rest = readInt64(value)
    for (let i = 0; i < 8; i++, rest >>= 8n) this.#buffer[this.#start + i] = Number(rest & 0xffn)
  }

  /** A floating-point number in eight bytes. */
  double(value: number): void {
    this.#reserve(8)
    this.#start -= 8
    const { buffer, byteOffset } = this.#buffer
    new DataView(buffer, byteOffset + this.#start, 8).setFloat64(0, value, true)
  }

  #bigVarint(value: bigint): void {
    this.#reserve(10)
    const bytes: number[] = []
    let rest = value
    for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
    bytes.push(Number(rest))
    this.#start -= bytes.length
    this.#buffer.set(bytes, this.#start)
  }

  /** Bytes without their length. */
  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#start -= bytes.length
    this.#buffer.set(bytes, this.#start)
  }

  /** Text in UTF-8 without its length. Half surrogate pairs become U+FFFD. */
  text(text: string): void {
    const { length } = text
    this.#reserve(length * 3)
    if (length <= longestLoop && this.#ascii(text)) return
    this.#start -= utf8Length(text)
    writeUtf8(this.#buffer, text, this.#start)
  }

  #ascii(text: string): boolean {
    const begin = this.#start - text.length
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i)
      if (unit >= 0x80) return false
      this.#buffer[begin + i] = unit
    }
    this.#start = begin
    return true
  }
}

function readInt64(value: string | number): bigint {
  if (/^-?\d{1,20}$/.test(String(value))) {
    const number = BigInt(value)
    if (number <= largestUint64 && number >= smallestInt64) return BigInt.asUintN(64, number)
  }
  throw new ProtobufError('invalid_value', `encode integer: '${value}' has no 64-bit form`)
}
