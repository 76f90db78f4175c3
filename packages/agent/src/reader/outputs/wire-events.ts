import { GetEventsResponse, Transcoder, WireBuffer } from '@tetragon-ts/api'
import type { ProcessOffsets } from '../json/process-offsets.ts'
import { framePrefix, putFrame } from './framing.ts'

const newline = 0x0a
/** A larger buffer, caused by one huge event, is released. */
const largestKept = 1 << 24

/** Converts lines of event JSON to framed protobuf messages. */
export class WireEvents {
  readonly #transcoder = new Transcoder(GetEventsResponse)
  readonly #processOffsets: ProcessOffsets
  #out = new WireBuffer()
  #failed = 0

  /** @param processOffsets of processes in the lines */
  constructor(processOffsets: ProcessOffsets) {
    this.#processOffsets = processOffsets
  }

  /** Messages of the last lines. */
  get bytes(): Uint8Array {
    return this.#out.bytes
  }

  /** Bytes of these messages. */
  get length(): number {
    return this.#out.length
  }

  /** Lines since the last call that could not be converted, which is a bug of the agent. */
  takeFailed(): number {
    const failed = this.#failed
    this.#failed = 0
    return failed
  }

  /** Converts `length` bytes of whole lines. */
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
