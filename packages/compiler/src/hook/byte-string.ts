/** More arguments in a call may exceed the stack. */
const chunk = 8192

/** A string with one character for each byte: a key for bytes. */
export function byteString(bytes: Uint8Array): string {
  if (bytes.length <= chunk) return String.fromCharCode(...bytes)
  const parts: string[] = []
  for (let at = 0; at < bytes.length; at += chunk) {
    parts.push(String.fromCharCode(...bytes.subarray(at, at + chunk)))
  }
  return parts.join('')
}

/** All bytes, one after the other. */
export function joinBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
