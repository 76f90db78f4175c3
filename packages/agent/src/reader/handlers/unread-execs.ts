import { processFlags } from '@tetragon-ts/api'
import type { RingBufferReader } from '@tetragon-ts/ebpf/ringbuf'
import type { ProcessInput } from './process-builder.ts'
import { RecordsInPlace } from './records-in-place.ts'
import type { HitProcess } from './unknown-processes.ts'

/** Maximum number of records that are looked at: a tenth of a millisecond of the reader's time. */
const recordsMax = 8192

/**
 * Finds the exec of a process among the records of the ring that have not been read. If no program
 * saw the fork of the process, its hits before the exec are read before any record introduces it.
 */
export class UnreadExecs {
  readonly #ring: Pick<RingBufferReader, 'peek'>
  readonly #records: RecordsInPlace
  /** Cursors over the ring; that of execs is at the record that was found last. */
  readonly input: ProcessInput

  constructor(ring: Pick<RingBufferReader, 'peek'>, input: ProcessInput) {
    this.#ring = ring
    this.#records = new RecordsInPlace(input)
    this.input = input
  }

  /**
   * The first exec of a process after its fork and after this hit.
   * @returns the offset of its record; undefined: there is none, or the process had another image
   */
  find({ pid, start, execs }: HitProcess): number | undefined {
    const { exec } = this.input
    const offset = this.#next(pid)
    if (offset === undefined) return undefined
    const { key, flags } = exec.identity
    const isFirst = (flags & processFlags.clone) !== 0
    return isFirst && exec.start === start && key.execs === (execs + 1) >>> 0 ? offset : undefined
  }

  /** Whether the process of a hit executes its image later: the hit was within that exec. */
  isAhead({ pid, start, execs }: HitProcess): boolean {
    const { exec } = this.input
    return (
      this.#next(pid) !== undefined && exec.start === start && exec.identity.key.execs === execs
    )
  }

  /** Moves to the next exec of a process. @returns the offset of its record */
  #next(pid: number): number | undefined {
    let found: number | undefined
    let left = recordsMax
    this.#ring.peek((offset) => {
      if (this.#records.kindAt(offset) === 'exec' && this.#records.pidAt('exec', offset) === pid) {
        this.input.exec.at(offset)
        found = offset
        return false
      }
      return --left > 0
    })
    return found
  }
}
