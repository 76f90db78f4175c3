import type { Fields } from '@tetragon-ts/ebpf/records'
import { type DataRecord, dataStream, waitingLimits } from '@tetragon-ts/sensors'

interface Pending {
  readonly ktime: number
  readonly pieces: readonly [args: Uint8Array[], env: Uint8Array[]]
}

/** Joins arguments and environments that were too long for one record. */
export class DataJoiner {
  readonly #pending = new Map<number, Pending>()
  readonly #capacity: number
  /** Processes whose pieces had to make room. */
  evicted = 0

  /**
   * @param capacity processes whose pieces wait for their exec at most: it follows unless it was
   *   lost
   */
  constructor(capacity = waitingLimits.values) {
    this.#capacity = capacity
  }

  /** Processes whose pieces wait. */
  get size(): number {
    return this.#pending.size
  }

  /** Takes a piece; it is copied, since the ring's memory is given back. */
  add(record: Fields<typeof DataRecord.shape>, memory: Uint8Array): void {
    const { key, bytes } = record
    let pending = this.#pending.get(key.pid)
    if (pending?.ktime !== key.ktime) {
      pending = { ktime: key.ktime, pieces: [[], []] }
      this.#pending.delete(key.pid)
      this.#pending.set(key.pid, pending)
      if (this.#pending.size > this.#capacity) {
        const [oldest] = this.#pending.keys()
        this.#pending.delete(oldest)
        this.evicted++
      }
    }
    const { offset, length } = bytes
    const stream = record.stream === dataStream.env ? 1 : 0
    pending.pieces[stream].push(memory.slice(offset, offset + length))
  }

  /** What belongs to an exec, as far as it came; forgets it. */
  take(pid: number, ktime: number): { args: Uint8Array; env: Uint8Array } {
    const pending = this.#pending.get(pid)
    this.#pending.delete(pid)
    const [args, env] = pending?.ktime === ktime ? pending.pieces : [[], []]
    return { args: Buffer.concat(args), env: Buffer.concat(env) }
  }
}
