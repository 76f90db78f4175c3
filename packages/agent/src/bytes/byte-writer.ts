const initialSize = 1 << 20
/** Up to this length, a loop is faster than a call into the runtime. */
const shortText = 24
const replacement = [0xef, 0xbf, 0xbd] // U+FFFD in UTF-8
const quote = 0x22
const backslash = 0x5c
const hex = Buffer.from('0123456789abcdef')

/** 1 for bytes that need no escape in a JSON string: printable ASCII except quote and backslash. */
const plain = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x20 && byte < 0x80 && byte !== quote && byte !== backslash ? 1 : 0,
)

/** Second characters of the short escapes: \b \t \n \f \r. */
const shortEscape = new Map([
  [0x08, 0x62],
  [0x09, 0x74],
  [0x0a, 0x6e],
  [0x0c, 0x66],
  [0x0d, 0x72],
])

/**
 * A growing buffer for events, without intermediate strings for byte input. Reused text, such as
 * the JSON of a process, which is kept for its life and is in each of its events, is a "latin1"
 * string with one character per byte of UTF-8: V8 needs one byte per character for it, which is
 * cheap for the garbage collector, and writing it again needs no encoding.
 */
export class ByteWriter {
  bytes: Buffer = Buffer.allocUnsafeSlow(initialSize)
  length = 0

  /** Makes room for `count` more bytes. Other methods do this themselves. */
  reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.length + count))
    this.bytes.copy(larger, 0, 0, this.length)
    this.bytes = larger
  }

  clear(): void {
    this.length = 0
  }

  /** Writes a string with one byte per character. */
  latin1(text: string): void {
    this.reserve(text.length)
    const { bytes, length } = this
    if (text.length < shortText) {
      for (let i = 0; i < text.length; i++) bytes[length + i] = text.charCodeAt(i)
      this.length += text.length
    } else {
      this.length += bytes.write(text, length, 'latin1')
    }
  }

  /** Writes bytes that were encoded before, in a third of the time of a text. */
  append(encoded: Uint8Array): void {
    this.reserve(encoded.length)
    this.bytes.set(encoded, this.length)
    this.length += encoded.length
  }

  /** Writes bytes in base64. */
  base64({ buffer, byteOffset, byteLength }: Uint8Array): void {
    this.latin1(Buffer.from(buffer, byteOffset, byteLength).toString('base64'))
  }

  /** Returns the bytes since `from` as such a string. */
  latin1Since(from: number): string {
    return this.bytes.toString('latin1', from, this.length)
  }

  /** Writes a range of other bytes. */
  copy(source: Buffer, from: number, to: number): void {
    this.reserve(to - from)
    this.length += source.copy(this.bytes, this.length, from, to)
  }

  byte(value: number): void {
    this.reserve(1)
    this.bytes[this.length++] = value
  }

  /** Writes a whole number below 2^53 in decimal. */
  decimal(value: number): void {
    this.reserve(16)
    const { bytes } = this
    let digits = 1
    for (let limit = 10; value >= limit; limit *= 10) digits++
    let at = this.length + digits
    if (value < 2 ** 31) {
      writeDigits(bytes, this.length, digits, value | 0)
      this.length = at
      return
    }
    this.length = at
    let rest = value
    while (digits-- > 0) {
      const next = Math.floor(rest / 10)
      // Order matters: adding the character code first would exceed the exact numbers.
      bytes[--at] = rest - next * 10 + 0x30
      rest = next
    }
  }

  /** Writes the last `digits` decimal digits of a number below 2^31, with leading zeros. */
  digits(value: number, digits: number): void {
    this.reserve(digits)
    writeDigits(this.bytes, this.length, digits, value | 0)
    this.length += digits
  }

  /**
   * Writes untrusted bytes as the content of a JSON string: quotes, backslashes and control
   * characters are escaped, invalid UTF-8 is replaced by U+FFFD.
   */
  jsonText(source: Uint8Array, from: number, to: number): void {
    this.reserve((to - from) * 6)
    const { bytes } = this
    let at = this.length
    for (let i = from; i < to; ) {
      const byte = source[i]
      if (plain[byte] === 1) {
        bytes[at++] = byte
        i++
      } else if (byte < 0x80) {
        at = writeEscape(bytes, at, byte)
        i++
      } else {
        const size = utf8Length(source, i, to)
        if (size === 0) {
          for (const part of replacement) bytes[at++] = part
          i++
        } else {
          for (let end = i + size; i < end; i++) bytes[at++] = source[i]
        }
      }
    }
    this.length = at
  }
}

/** @param value below 2^31: V8 then divides integers */
function writeDigits(bytes: Uint8Array, start: number, digits: number, value: number): void {
  let rest = value
  for (let at = start + digits - 1; at >= start; at--) {
    const next = (rest / 10) | 0
    bytes[at] = rest - next * 10 + 0x30
    rest = next
  }
}

function writeEscape(bytes: Uint8Array, start: number, byte: number): number {
  let at = start
  bytes[at++] = backslash
  const short = byte === quote || byte === backslash ? byte : shortEscape.get(byte)
  if (short !== undefined) {
    bytes[at++] = short
    return at
  }
  bytes[at++] = 0x75 // u
  bytes[at++] = 0x30
  bytes[at++] = 0x30
  bytes[at++] = hex[byte >> 4]
  bytes[at++] = hex[byte & 15]
  return at
}

/** Length of the well-formed sequence that starts with a byte above 0x7f; 0 if there is none. */
function utf8Length(source: Uint8Array, at: number, end: number): number {
  const first = source[at]
  if (first < 0xc2 || first > 0xf4) return 0
  const size = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
  if (at + size > end) return 0
  const second = source[at + 1]
  // Overlong forms, surrogates and code points above U+10FFFF are detected in the second byte.
  const lowest = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80
  const highest = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf
  if (second < lowest || second > highest) return 0
  for (let i = 2; i < size; i++) {
    const next = source[at + i]
    if (next < 0x80 || next > 0xbf) return 0
  }
  return size
}
