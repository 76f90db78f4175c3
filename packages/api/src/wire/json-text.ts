import { latin1, utf8, view, writeUtf8 } from '#platform'
import { ProtobufError } from './protobuf-error.ts'
import type { WireBuffer } from './wire-buffer.ts'

const quote = 0x22
const backslash = 0x5c
const minus = 0x2d
const zero = 0x30
const nine = 0x39
/** Numbers with up to this many digits are exact. */
const exactDigits = 15

/** Characters after a backslash; `u` is handled separately. */
const escapes = new Map([
  ...['"', '\\', '/'].map((each) => [each.charCodeAt(0), each.charCodeAt(0)] as const),
  ...[0x62, 0x66, 0x6e, 0x72, 0x74].map((code, i) => [code, [8, 12, 10, 13, 9][i]] as const),
])

/** Objects in the text whose protobuf is already encoded up to some member. */
export interface PreencodedObjects {
  /** Whether the object at this offset is one; called in order. */
  isAt(offset: number): boolean
  /** Its protobuf, one byte per character. */
  readonly wire: string
  /** Where its text continues: at the comma before its next member, or at its closing brace. */
  readonly next: number
}

/** A position in JSON text, in UTF-8 and without white space, as JSON.stringify writes it. */
export class JsonText {
  bytes: Uint8Array = new Uint8Array()
  at = 0
  /** Objects that need not be parsed. */
  known: PreencodedObjects | undefined

  /** @throws ProtobufError with the reason */
  fail(what: string): never {
    throw new ProtobufError('invalid_value', `read JSON at byte ${this.at}: ${what}`)
  }

  /** Skips a required byte. */
  expect(byte: number): void {
    if (this.bytes[this.at] !== byte) this.fail(`no ${String.fromCharCode(byte)} here`)
    this.at++
  }

  /** Skips an optional byte. */
  skipIf(byte: number): boolean {
    if (this.bytes[this.at] !== byte) return false
    this.at++
    return true
  }

  /** Skips a string. @returns offset of its closing quote */
  skipString(): number {
    const { bytes } = this
    this.expect(quote)
    let { at } = this
    for (; bytes[at] !== quote; at++) {
      if (bytes[at] === backslash) at++
      if (at >= bytes.length) this.fail('unterminated string')
    }
    this.at = at + 1
    return at
  }

  /** Skips a value. */
  skipValue(): void {
    const { bytes } = this
    let depth = 0
    do {
      const byte = bytes[this.at]
      if (byte === quote) {
        this.skipString()
        continue
      }
      if (byte === undefined) this.fail('unexpected end of text')
      if (byte === 0x7b || byte === 0x5b) depth++
      else if ((byte === 0x7d || byte === 0x5d) && --depth < 0) this.fail('expected a value')
      this.at++
      if (depth === 0 && !isScalarEnd(byte)) while (!isScalarEnd(bytes[this.at])) this.at++
    } while (depth > 0)
  }

  /** Parses a value and skips it. */
  value(): unknown {
    const from = this.at
    this.skipValue()
    try {
      return JSON.parse(utf8(view(this.bytes), from, this.at))
    } catch (error) {
      return this.fail((error as Error).message)
    }
  }

  /** A range of the text with one character per byte. */
  latin1(from: number, to: number): string {
    return latin1(view(this.bytes), from, to)
  }

  /** Parses a number, perhaps in quotes; undefined if it is not a plain exact integer. */
  integer(): number | undefined {
    const { bytes } = this
    const start = this.at
    let { at } = this
    const isQuoted = bytes[at] === quote
    if (isQuoted) at++
    const isNegative = bytes[at] === minus
    if (isNegative) at++
    const first = at
    let value = 0
    for (; bytes[at] >= zero && bytes[at] <= nine; at++) value = value * 10 + bytes[at] - zero
    const digits = at - first
    const isEnd = isQuoted ? bytes[at] === quote : isScalarEnd(bytes[at])
    if (digits === 0 || digits > exactDigits || !isEnd) {
      this.at = start
      return undefined
    }
    this.at = isQuoted ? at + 1 : at
    return isNegative ? -value : value
  }

  /** Copies the content of a string without escapes, and skips it. */
  copyString(out: WireBuffer): void {
    const { bytes } = this
    this.expect(quote)
    let { at } = this
    for (;;) {
      const from = at
      while (bytes[at] !== quote && bytes[at] !== backslash) {
        if (at >= bytes.length) this.fail('unterminated string')
        at++
      }
      copy(bytes, from, at, out)
      if (bytes[at] === quote) break
      this.at = at + 1
      this.#escape(out)
      at = this.at
    }
    this.at = at + 1
  }

  /** Writes the character of an escape after its backslash. */
  #escape(out: WireBuffer): void {
    out.reserve(4)
    const byte = this.bytes[this.at++]
    const plain = escapes.get(byte)
    if (plain !== undefined) {
      out.bytes[out.length++] = plain
      return
    }
    if (byte !== 0x75) this.fail('invalid escape sequence')
    let unit = this.#hex()
    if (unit >= 0xd800 && unit < 0xdc00 && this.bytes[this.at] === backslash) {
      const before = this.at
      this.at += 2
      const low = this.bytes[before + 1] === 0x75 ? this.#hex() : 0
      if (low >= 0xdc00 && low < 0xe000) unit = 0x10000 + (unit - 0xd800) * 0x400 + low - 0xdc00
      else this.at = before
    }
    // Half a pair has no UTF-8.
    const code = unit >= 0xd800 && unit < 0xe000 ? 0xfffd : unit
    out.length += writeUtf8(out.bytes, String.fromCodePoint(code), out.length)
  }

  #hex(): number {
    const digits = this.latin1(this.at, Math.min(this.at + 4, this.bytes.length))
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) this.fail('invalid escape sequence')
    this.at += 4
    return Number.parseInt(digits, 16)
  }
}

/** Up to this length, a loop is faster than a call into the runtime. */
const shortText = 48

function copy(bytes: Uint8Array, from: number, to: number, out: WireBuffer): void {
  const length = to - from
  out.reserve(length)
  const target = out.bytes
  if (length <= shortText) {
    for (let i = 0, at = out.length; i < length; i++) target[at + i] = bytes[from + i]
  } else {
    target.set(bytes.subarray(from, to), out.length)
  }
  out.length += length
}

/** Whether a number or word ends before this byte: at a comma, a closing brace or the end. */
function isScalarEnd(byte: number | undefined): boolean {
  return byte === 0x2c || byte === 0x7d || byte === 0x5d || byte === 0x0a || byte === undefined
}
