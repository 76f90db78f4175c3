import { framePrefix } from '../../../reader/outputs/framing.ts'

/** Consecutive framed messages. */
export interface FrameRange {
  readonly bytes: Uint8Array
  readonly from: number
  readonly to: number
}

/**
 * Framed messages that are written to a gRPC stream together: calling the library for each one
 * would cost many times their creation. The batch replaces one message in grpc-js, which allocates
 * memory for the message and a prefix, writes the prefix and copies the message after it. These
 * messages include their prefixes, so they overwrite all of it.
 */
export class FrameBatch {
  readonly #ranges: readonly FrameRange[]
  /** Length of the message for grpc-js. */
  readonly byteLength: number

  /** @param ranges with at least one message */
  constructor(ranges: readonly FrameRange[]) {
    this.#ranges = ranges
    let length = 0
    for (const { from, to } of ranges) length += to - from
    this.byteLength = length - framePrefix
  }

  /** Fills the memory allocated by grpc-js. */
  copy(target: Uint8Array): void {
    let at = 0
    for (const { bytes, from, to } of this.#ranges) {
      target.set(bytes.subarray(from, to), at)
      at += to - from
    }
  }
}
