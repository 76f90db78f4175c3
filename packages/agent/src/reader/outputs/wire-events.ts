import { GetEventsResponse, Transcoder, WireBuffer } from '@tetragon-ts/api'
import { type ClassCounts, type EventClass, noCounts } from '../event-class.ts'
import type { ProcessOffsets } from '../json/process-offsets.ts'
import type { LineBuffer } from '../line-buffer.ts'
import { addLines, type LineRun } from '../line-runs.ts'
import { framePrefix, putFrame } from './framing.ts'

const newline = 0x0a
/** A larger buffer, caused by one huge event, is released. */
const largestKept = 1 << 24

/** Converts lines of event JSON to protobuf messages, framed with their classes. */
export class WireEvents {
  readonly #transcoder = new Transcoder(GetEventsResponse)
  readonly #processOffsets: ProcessOffsets
  #out = new WireBuffer()
  #runs: LineRun[] = []
  #failed = noCounts()

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

  /** The messages by class. */
  get runs(): readonly LineRun[] {
    return this.#runs
  }

  /**
   * Lines since the last call that could not be converted, by class, which is a bug of the agent.
   */
  takeFailed(): ClassCounts {
    const failed = this.#failed
    this.#failed = noCounts()
    return failed
  }

  /** Converts lines. */
  encode({ bytes, runs }: LineBuffer): void {
    if (this.#out.bytes.length > largestKept) this.#out = new WireBuffer()
    this.#out.length = 0
    this.#runs = []
    let at = 0
    for (const { eventClass, to } of runs) {
      while (at < to) at = this.#encodeLine(bytes, at, to, eventClass)
    }
  }

  /** @returns the start of the next line */
  #encodeLine(lines: Buffer, at: number, limit: number, of: EventClass): number {
    const out = this.#out
    const start = out.length
    out.reserve(framePrefix)
    out.length += framePrefix
    try {
      const end = this.#transcoder.append(out, lines, at, this.#processOffsets) + 1
      putFrame(out.bytes, start, out.length, of)
      addLines(this.#runs, of, out.length)
      return end
    } catch {
      out.length = start
      this.#failed[of]++
      const end = lines.indexOf(newline, at)
      return end < 0 ? limit : end + 1
    }
  }
}
