import { ExitRecord, ProcessKey } from '@tetragon-ts/sensors'
import { type HeldImage, type HeldKind, heldKindAt, readImage } from './held-image.ts'
import type { ProcessInput } from './process-builder.ts'

const pidInKey = ProcessKey.field('pid').offset

/** An exec or a fork, of which an image is made. */
export type ImageKind = 'exec' | 'fork'

/** Records about processes in the memory of a ring, read without copies. */
export class RecordsInPlace {
  readonly #input: Pick<ProcessInput, 'exec' | 'fork' | 'exit' | 'keys' | 'memory'>
  readonly #words: Uint32Array
  /** Offset of the time in each kind of record. */
  readonly #timeAt: Readonly<Record<HeldKind, number>>

  constructor(input: Pick<ProcessInput, 'exec' | 'fork' | 'exit' | 'keys' | 'memory'>) {
    this.#input = input
    this.#words = input.memory.words
    const { exec, fork } = input.keys
    const inKey = ProcessKey.field('ktime').offset
    const exit = ExitRecord.field('time').offset
    this.#timeAt = { exec: exec.key + inKey, fork: fork.key + inKey, exit }
  }

  /** The kind of a record; undefined if it is another one. */
  kindAt(offset: number): HeldKind | undefined {
    return heldKindAt(this.#input.memory, offset)
  }

  /** Whether a record is of a later time, which is given by its halves. */
  isAfter(kind: HeldKind, offset: number, timeHigh: number, timeLow: number): boolean {
    const at = (offset + this.#timeAt[kind]) >>> 2
    const high = this.#words[at + 1]
    return high > timeHigh || (high === timeHigh && this.#words[at] > timeLow)
  }

  pidAt(kind: HeldKind, offset: number): number {
    return this.#words[(offset + this.#input.keys[kind].key + pidInKey) >>> 2]
  }

  /** Whether an exit is that of the process of an image. */
  isEndOf(exitOffset: number, kind: ImageKind, offset: number): boolean {
    const { keys } = this.#input
    const words = this.#words
    const [at, other] = [(offset + keys[kind].start) >>> 2, (exitOffset + keys.exit.start) >>> 2]
    return words[at] === words[other] && words[at + 1] === words[other + 1]
  }

  /** The pid of an image, and when it began. */
  keyAt(kind: ImageKind, offset: number) {
    this.#input[kind].at(offset)
    return this.#input[kind].identity.key
  }

  /** The image of a record, of which it keeps a copy. */
  imageAt(kind: ImageKind, offset: number, length: number): HeldImage {
    return readImage(this.#input, this.#input.memory, kind, offset, length)
  }

  /** Of an exit: whose it is, and when. */
  exitAt(offset: number): { readonly pid: number; readonly start: number; readonly time: number } {
    const { exit } = this.#input
    exit.at(offset)
    const { key, start, timeHigh, timeLow } = exit
    return { pid: key.pid, start, time: timeHigh * 2 ** 32 + timeLow }
  }
}
