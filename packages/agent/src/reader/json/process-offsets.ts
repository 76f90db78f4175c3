import { type PreencodedObjects, Process, Transcoder, WireBuffer } from '@tetragon-ts/api'
import { ByteWriter } from '../../bytes/byte-writer.ts'

const closeBrace = 0x7d
/** Processes with arguments of megabytes are rare: their memory is not kept. */
const largestKept = 1 << 22

/** JSON that is in many events, and the same as protobuf. */
export interface EncodedJson {
  readonly head: string
  /** In latin1; undefined: the head is that of a process, which is encoded when it is needed. */
  wire: string | undefined
}

/**
 * Offsets of the processes in a buffer of events, so that a process is encoded as protobuf once and
 * not once per event. Recorded only while a client needs protobuf.
 */
export class ProcessOffsets implements PreencodedObjects {
  /** Whether offsets are recorded. */
  isOn = false
  readonly #processes: EncodedJson[] = []
  readonly #starts: number[] = []
  readonly #ends: number[] = []
  #count = 0
  #at = 0

  /**
   * The JSON of a process is at `start`; the members that differ between events begin at `end`. Or
   * that of another object, from `start` to `end`.
   */
  add(process: EncodedJson, start: number, end: number): void {
    const at = this.#count++
    this.#processes[at] = process
    this.#starts[at] = start
    this.#ends[at] = end
  }

  /** Drops all offsets and switches their recording on or off. */
  clear(isOn = this.isOn): void {
    this.isOn = isOn
    this.#count = 0
    this.#at = 0
    // A large batch must not keep its processes alive.
    if (!isOn) this.#processes.length = 0
  }

  /** Drops the offsets from this position on: what is written next may have the same ones. */
  dropFrom(position: number): void {
    while (this.#count > 0 && this.#starts[this.#count - 1] >= position) this.#count--
  }

  isAt(offset: number): boolean {
    while (this.#at < this.#count && this.#starts[this.#at] < offset) this.#at++
    return this.#at < this.#count && this.#starts[this.#at] === offset
  }

  get wire(): string {
    const process = this.#processes[this.#at]
    process.wire ??= wireOf(process.head)
    return process.wire
  }

  get next(): number {
    return this.#ends[this.#at]
  }
}

/** Encodes a process as protobuf, without the members that change. */
class HeadEncoder {
  readonly #transcoder = new Transcoder(Process)
  readonly #text = new ByteWriter()
  readonly #out = new WireBuffer()

  encode(head: string): string {
    const [text, out] = [this.#text, this.#out]
    text.clear()
    text.latin1(head)
    text.byte(closeBrace)
    out.length = 0
    this.#transcoder.append(out, text.bytes, 0)
    return out.bytes.toString('latin1', 0, out.length)
  }
}

/** Created on first use, to keep it out of the agent's start. */
let encoder: HeadEncoder | undefined

function wireOf(head: string): string {
  encoder ??= new HeadEncoder()
  const wire = encoder.encode(head)
  if (head.length > largestKept) encoder = undefined
  return wire
}
