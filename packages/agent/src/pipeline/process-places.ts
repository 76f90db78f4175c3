import { type KnownObjects, Process, Transcoder, WireBuffer } from '@tetragon-ts/api'
import type { ProcessJson } from './process-json.ts'

/** Made when somebody first wants protobuf: the agent's start should not wait for it. */
let transcoder: Transcoder | undefined
const scratch = new WireBuffer()

/**
 * Where processes stand in the events of a buffer, so that the protobuf of a process is made once and
 * not for each of its events. Kept only while somebody wants protobuf.
 */
export class ProcessPlaces implements KnownObjects {
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

/** The protobuf of a process up to the members that change. */
function wireOf(head: string): string {
  transcoder ??= new Transcoder(Process)
  scratch.length = 0
  transcoder.append(scratch, Buffer.from(`${head}}`, 'latin1'), 0)
  return scratch.bytes.toString('latin1', 0, scratch.length)
}
