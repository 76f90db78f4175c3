import { framePrefix } from '../../../reader/outputs/framing.ts'

/** Framed messages that lie one behind the other. */
export interface FrameRange {
  readonly bytes: Uint8Array
  readonly from: number
  readonly to: number
}

/**
 * Framed messages that go into a stream of gRPC at once: a call of the library for each of them
 * would cost many times what making them does. It takes the place of one message in grpc-js, which
 * makes room for the message and a prefix, writes the prefix and then has the message copied behind
 * it. These messages have theirs, so they are copied over all of it.
 */
export class FrameBatch {
  readonly #ranges: readonly FrameRange[]
  /** What grpc-js takes for the length of the message. */
  readonly byteLength: number

  /** @param ranges with at least one message */
  constructor(ranges: readonly FrameRange[]) {
    this.#ranges = ranges
    let length = 0
    for (const { from, to } of ranges) length += to - from
    this.byteLength = length - framePrefix
  }

  /** Fills the memory that grpc-js made. */
  copy(target: Uint8Array): void {
    let at = 0
    for (const { bytes, from, to } of this.#ranges) {
      target.set(bytes.subarray(from, to), at)
      at += to - from
    }
  }
}
