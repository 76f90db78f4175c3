import { GetEventsResponse, Transcoder, WireBuffer } from '@tetragon-ts/api'
import type { ProcessOffsets } from '../json/process-offsets.ts'
import { framePrefix, putFrame } from './framing.ts'

const newline = 0x0a
/** A buffer that one huge event made is let go. */
const largestKept = 1 << 24

/** Turns lines of event JSON into framed protobuf messages. */
export class WireEvents {
  readonly #transcoder = new Transcoder(GetEventsResponse)
  readonly #processOffsets: ProcessOffsets
  #out = new WireBuffer()
  #failed = 0

  /** @param processOffsets of processes in the lines */
  constructor(processOffsets: ProcessOffsets) {
    this.#processOffsets = processOffsets
  }

  /** Messages of the lines given last. */
  get bytes(): Uint8Array {
    return this.#out.bytes
  }

  /** Bytes of these messages. */
  get length(): number {
    return this.#out.length
  }

  /** Lines since the last call that had no protobuf, which is the agent's own fault. */
  takeFailed(): number {
    const failed = this.#failed
    this.#failed = 0
    return failed
  }

  /** Takes `length` bytes of whole lines. */
  encode(lines: Uint8Array, length: number): void {
    if (this.#out.bytes.length > largestKept) this.#out = new WireBuffer()
    const out = this.#out
    out.length = 0
    for (let at = 0; at < length; ) {
      const start = out.length
      out.reserve(framePrefix)
      out.length += framePrefix
      try {
        at = this.#transcoder.append(out, lines, at, this.#processOffsets) + 1
        putFrame(out.bytes, start, out.length)
      } catch {
        out.length = start
        this.#failed++
        const end = lines.indexOf(newline, at)
        at = end < 0 ? length : end + 1
      }
    }
  }
}
