import type { Fields } from '@tetragon-ts/ebpf/records'
import { type DataRecord, dataStream, waitingLimits } from '@tetragon-ts/sensors'
import { PieceJoiner } from './piece-joiner.ts'

const nothing = Buffer.alloc(0)

/** Joins arguments and environments that were too long for one record. */
export class DataJoiner {
  readonly #pieces: PieceJoiner

  /** @param capacity maximum number of processes whose pieces wait for their exec */
  constructor(capacity = waitingLimits.values) {
    this.#pieces = new PieceJoiner(capacity)
  }

  /** Processes whose pieces wait. */
  get size(): number {
    return this.#pieces.size
  }

  /** Processes whose pieces were evicted. */
  get evicted(): number {
    return this.#pieces.evicted
  }

  /** Adds a piece. */
  add({ key, stream, bytes }: Fields<typeof DataRecord.shape>, memory: Uint8Array): void {
    const { offset, length } = bytes
    this.#pieces.add(key.pid, key.ktime, stream, memory.subarray(offset, offset + length))
  }

  /** Removes and returns the values of an exec, as far as they arrived. */
  take(pid: number, ktime: number): { args: Uint8Array; env: Uint8Array } {
    const values = this.#pieces.take(pid, ktime)
    const { args, env } = dataStream
    return { args: values?.get(args) ?? nothing, env: values?.get(env) ?? nothing }
  }
}
