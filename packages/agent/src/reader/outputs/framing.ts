import type { EventClass } from '@tetragon-ts/outputs/queue'

/**
 * Length of the prefix of a message in a gRPC stream: a flag, and the length as big-endian number.
 * The flag is 0 there; between the agent's threads it is the class of the event.
 */
export const framePrefix = 5

/** End of the framed message that begins at `at`. */
export function frameEnd(bytes: Uint8Array, at: number): number {
  const length =
    (bytes[at + 1] << 24) | (bytes[at + 2] << 16) | (bytes[at + 3] << 8) | bytes[at + 4]
  return at + framePrefix + (length >>> 0)
}

/** Writes the prefix of a message that ends at `end`. */
export function putFrame(bytes: Uint8Array, at: number, end: number, flag = 0): void {
  const length = end - at - framePrefix
  bytes[at] = flag
  bytes[at + 1] = length >>> 24
  bytes[at + 2] = length >>> 16
  bytes[at + 3] = length >>> 8
  bytes[at + 4] = length
}

/** The class of the message at `at`, which another thread has sent. */
export function classOfFrame(bytes: Uint8Array, at: number): EventClass {
  return bytes[at] as EventClass
}

/** Makes the message at `at` one of a gRPC stream. */
export function clearClass(bytes: Uint8Array, at: number): void {
  bytes[at] = 0
}

/** A message with its prefix. */
export function framed(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(framePrefix + message.length)
  frame.set(message, framePrefix)
  putFrame(frame, 0, frame.length)
  return frame
}
