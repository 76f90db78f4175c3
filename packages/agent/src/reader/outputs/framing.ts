/**
 * Length of the prefix of a message in a gRPC stream: a flag, and the length as big-endian number.
 */
export const framePrefix = 5

/** End of the framed message that begins at `at`. */
export function frameEnd(bytes: Uint8Array, at: number): number {
  const length =
    (bytes[at + 1] << 24) | (bytes[at + 2] << 16) | (bytes[at + 3] << 8) | bytes[at + 4]
  return at + framePrefix + (length >>> 0)
}

/** Writes the prefix of a message that ends at `end`. */
export function putFrame(bytes: Uint8Array, at: number, end: number): void {
  const length = end - at - framePrefix
  bytes[at] = 0
  bytes[at + 1] = length >>> 24
  bytes[at + 2] = length >>> 16
  bytes[at + 3] = length >>> 8
  bytes[at + 4] = length
}

/** A message with its prefix. */
export function framed(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(framePrefix + message.length)
  frame.set(message, framePrefix)
  putFrame(frame, 0, frame.length)
  return frame
}
