/** {@link Platform} for browsers and other runtimes with the web's encoders. */

export type Bytes = Uint8Array

const encoder = new TextEncoder()
// A byte order mark is part of the text.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const strictDecoder = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true })
/** More arguments per call may overflow the stack. */
const longestCall = 8192

export function allocate(size: number): Bytes {
  return new Uint8Array(size)
}

export function view(bytes: Uint8Array): Bytes {
  return bytes
}

export function copy(bytes: Uint8Array): Bytes {
  return bytes.slice()
}

export function latin1(bytes: Bytes, from: number, to: number): string {
  let text = ''
  for (let at = from; at < to; at += longestCall) {
    text += String.fromCharCode(...bytes.subarray(at, Math.min(at + longestCall, to)))
  }
  return text
}

export function writeLatin1(target: Bytes, text: string, at: number): void {
  for (let i = 0; i < text.length; i++) target[at + i] = text.charCodeAt(i)
}

export function utf8(bytes: Bytes, from: number, to: number): string {
  return decoder.decode(bytes.subarray(from, to))
}

export function strictUtf8(bytes: Bytes, from: number, to: number): string | undefined {
  try {
    return strictDecoder.decode(bytes.subarray(from, to))
  } catch {
    return undefined
  }
}

export function encodeUtf8(text: string): Bytes {
  return encoder.encode(text)
}

export function utf8Length(text: string): number {
  let length = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    // Both halves of a pair have two bytes; a half on its own becomes U+FFFD, which has three.
    if (unit >= 0x800) length += isPair(text, i) ? 1 : 2
    else if (unit >= 0x80) length++
  }
  return length
}

/** Whether the unit belongs to a surrogate pair. */
function isPair(text: string, at: number): boolean {
  const kind = text.charCodeAt(at) & 0xfc00
  if (kind === 0xd800) return (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00
  return kind === 0xdc00 && (text.charCodeAt(at - 1) & 0xfc00) === 0xd800
}

export function writeUtf8(target: Bytes, text: string, at: number): number {
  return encoder.encodeInto(text, target.subarray(at)).written
}

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const sextets = new Map([...digits, '-', '_'].map((digit, i) => [digit, i < 64 ? i : i - 2]))

export function base64(bytes: Bytes): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 3) {
    const [first, second = 0, third = 0] = bytes.subarray(at, at + 3)
    const bits = (first << 16) | (second << 8) | third
    const sextet = (shift: number) => digits[(bits >> shift) & 63]
    const [two, three] = [bytes.length - at > 1, bytes.length - at > 2]
    text += sextet(18) + sextet(12) + (two ? sextet(6) : '=') + (three ? sextet(0) : '=')
  }
  return text
}

export function fromBase64(text: string): Bytes {
  const bytes = new Uint8Array(Math.ceil((text.length * 3) / 4))
  let length = 0
  let bits = 0
  let count = 0
  for (const digit of text) {
    const sextet = sextets.get(digit)
    if (sextet === undefined) continue
    bits = ((bits << 6) | sextet) & 0xffff
    count += 6
    if (count < 8) continue
    count -= 8
    bytes[length++] = bits >> count
  }
  return bytes.subarray(0, length)
}

export function hex(bytes: Bytes): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Unknown for the observed machine. */
export const machineAbi = 'x64'
