import { type Bytes, latin1, strictUtf8, view } from '#platform'
import { ProtobufError } from './protobuf-error.ts'

/** How a field's bytes are delimited; the low three bits of a tag. */
export const wireType = { varint: 0, fixed64: 1, bytes: 2, begin: 3, end: 4, fixed32: 5 } as const

/** Maximum nesting of messages, to limit the stack. */
const deepest = 100
const longestVarint = 10
/** Longer texts are decoded by the engine. */
const longestScan = 256

/** Reads the wire form. Every method throws ProtobufError if the bytes end too early. */
export class Reader {
  readonly #bytes: Bytes
  /** End of the current message. */
  end: number
  at = 0
  #depth = 0
  /** The upper half of the last varint. */
  #high = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = view(bytes)
    this.end = bytes.byteLength
  }

  /** Reads a varint: its lower 32 bits, unsigned. */
  varint(): number {
    let low = 0
    let high = 0
    for (let i = 0; i < longestVarint; i++) {
      if (this.at >= this.end) throw cut()
      const byte = this.#bytes[this.at++]
      const bits = byte & 0x7f
      const shift = i * 7
      if (shift < 28) low |= bits << shift
      else if (shift === 28) {
        low |= bits << 28
        high |= bits >>> 4
      } else high |= bits << (shift - 32)
      if (byte < 0x80) {
        this.#high = high
        return low >>> 0
      }
    }
    throw new ProtobufError('invalid_protobuf', 'decode message: a number has more than ten bytes')
  }

  /** Reads a boolean: any bit of the varint counts. */
  bool(): boolean {
    return this.varint() !== 0 || this.#high !== 0
  }

  /** Reads an unsigned 64-bit number as decimal digits. */
  uint64(): string {
    const low = this.varint()
    const high = this.#high >>> 0
    if (high < 0x200000) return String(high * 2 ** 32 + low)
    return String((BigInt(high) << 32n) | BigInt(low))
  }

  /** Reads a signed 64-bit number as decimal digits. */
  int64(): string {
    const low = this.varint()
    const high = this.#high >>> 0
    if (high < 0x200000) return String(high * 2 ** 32 + low)
    return String(BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low)))
  }

  /** Reads an unsigned number of eight bytes as decimal digits. */
  fixed64(): string {
    const { at } = this
    this.#advance(8)
    let value = 0n
    for (let i = 7; i >= 0; i--) value = (value << 8n) | BigInt(this.#bytes[at + i])
    return String(value)
  }

  /** Reads a floating-point number of eight bytes. */
  double(): number {
    const { at } = this
    this.#advance(8)
    const { buffer, byteOffset } = this.#bytes
    return new DataView(buffer, byteOffset + at, 8).getFloat64(0, true)
  }

  /** Reads a length and returns the end of its content. */
  limit(): number {
    const length = this.varint()
    if (this.#high !== 0 || length > this.end - this.at) throw cut()
    return this.at + length
  }

  /** Bytes of a delimited field; a view. */
  bytes(): Bytes {
    const limit = this.limit()
    const bytes = this.#bytes.subarray(this.at, limit)
    this.at = limit
    return bytes
  }

  text(): string {
    const limit = this.limit()
    const from = this.at
    this.at = limit
    if (limit - from <= longestScan && isAscii(this.#bytes, from, limit)) {
      return latin1(this.#bytes, from, limit)
    }
    const text = strictUtf8(this.#bytes, from, limit)
    if (text !== undefined) return text
    throw new ProtobufError('invalid_protobuf', 'decode message: a string is not UTF-8')
  }

  /** Reads a delimited part by calling `read` until its end. */
  within(read: (reader: Reader) => void): void {
    if (++this.#depth > deepest) {
      throw new ProtobufError('invalid_protobuf', `decode message: more than ${deepest} levels`)
    }
    const { end } = this
    this.end = this.limit()
    while (this.at < this.end) read(this)
    this.end = end
    this.#depth--
  }

  /** Reads a tag: field number and wire type. */
  tag(): number {
    const tag = this.varint()
    if (this.#high !== 0 || tag >>> 3 === 0) {
      throw new ProtobufError('invalid_protobuf', 'decode message: no field has this number')
    }
    return tag
  }

  /** Skips the value of an unknown tag. */
  skip(tag: number): void {
    switch (tag & 7) {
      case wireType.varint:
        this.varint()
        return
      case wireType.fixed64:
        return this.#advance(8)
      case wireType.bytes:
        this.at = this.limit()
        return
      case wireType.fixed32:
        return this.#advance(4)
      case wireType.begin:
        return this.#skipGroup(tag >>> 3)
    }
    throw new ProtobufError('invalid_protobuf', `decode message: wire type ${tag & 7}`)
  }

  #advance(count: number): void {
    if (count > this.end - this.at) throw cut()
    this.at += count
  }

  /** Groups are an old feature of protobuf; they may be nested. */
  #skipGroup(number: number): void {
    const open = [number]
    while (open.length > 0) {
      const tag = this.tag()
      if ((tag & 7) === wireType.begin) open.push(tag >>> 3)
      else if ((tag & 7) !== wireType.end) this.skip(tag)
      else if (open.pop() !== tag >>> 3) {
        throw new ProtobufError('invalid_protobuf', 'decode message: a group ends inside another')
      }
    }
  }
}

function isAscii(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at] >= 0x80) return false
  return true
}

function cut(): ProtobufError {
  return new ProtobufError('invalid_protobuf', 'decode message: it ends in the middle of a field')
}
