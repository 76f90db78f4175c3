/** Maximum length of a name, in bytes. Longer ones, and names without an end, are empty. */
export const nameMax = 4096

/** Where the text at that position ends: its zero byte. Undefined if there is none in range. */
export function textEnd(bytes: Uint8Array, at: number, max = nameMax): number | undefined {
  const length = bytes.subarray(at, at + max + 1).indexOf(0)
  return length < 0 ? undefined : at + length
}

/** UTF-8 text up to a zero byte; empty if it has no end or is longer than `max` bytes. */
export function textAt(bytes: Uint8Array, at: number, max = nameMax): string {
  const end = textEnd(bytes, at, max)
  if (end === undefined) return ''
  const { buffer, byteOffset } = bytes
  return Buffer.from(buffer, byteOffset + at, end - at).toString()
}
