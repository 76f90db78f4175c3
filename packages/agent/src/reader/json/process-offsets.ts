import { type PreencodedObjects, Process, Transcoder, WireBuffer } from '@tetragon-ts/api'
import { ByteWriter } from '../../bytes/byte-writer.ts'
import type { ProcessJson } from '../../processes/process.ts'

const closeBrace = 0x7d
/** Processes with arguments of megabytes are rare: memory for them is not kept. */
const largestKept = 1 << 22

/**
 * Where processes stand in the events of a buffer, so that the protobuf of a process is made once
 * and not for each of its events. Kept only while a client needs protobuf.
 */
export class ProcessOffsets implements PreencodedObjects {
  /** Whether places are noted down. */
  isOn = false
  readonly #processes: ProcessJson[] = []
  readonly #starts: number[] = []
  readonly #ends: number[] = []
  #count = 0
  #at = 0

  /** A process's JSON begins at `start`; what differs from event to event follows at `end`. */
  add(process: ProcessJson, start: number, end: number): void {
    const at = this.#count++
    this.#processes[at] = process
    this.#starts[at] = start
    this.#ends[at] = end
  }

  /** Forgets all places, and from now on notes them down or not. */
  clear(isOn = this.isOn): void {
    this.isOn = isOn
    this.#count = 0
    this.#at = 0
    // Processes must not live on because a large batch named them once.
    if (!isOn) this.#processes.length = 0
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

/** Makes the protobuf of a process up to the members that change. */
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

/** Created on first use: the agent's start should not wait for it. */
let encoder: HeadEncoder | undefined

function wireOf(head: string): string {
  encoder ??= new HeadEncoder()
  const wire = encoder.encode(head)
  if (head.length > largestKept) encoder = undefined
  return wire
}
