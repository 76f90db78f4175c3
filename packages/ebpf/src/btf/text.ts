const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const encoder = new TextEncoder()

/** Decodes a part of bytes as UTF-8. */
export function textOf(bytes: Uint8Array, from: number, to: number): string {
  return decoder.decode(bytes.subarray(from, to))
}

/** Encodes a name as UTF-8. Most are short and ASCII, for which an encoder is slow. */
export function nameBytes(name: string): Uint8Array {
  const bytes = new Uint8Array(name.length)
  for (let at = 0; at < name.length; at++) {
    const unit = name.charCodeAt(at)
    if (unit >= 0x80) return encoder.encode(name)
    bytes[at] = unit
  }
  return bytes
}
