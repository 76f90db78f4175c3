import type { RingBufferReader } from '@tetragon-ts/ebpf/ringbuf'
import { backlogSize } from '@tetragon-ts/sensors'
import type { HeldImage } from './held-image.ts'
import type { ImageKind, RecordsInPlace } from './records-in-place.ts'

/** Minimum size of the record of a fork or exec, with its header. */
const smallestRecord = 64
/** Maximum length of a line of ancestors that is kept for a process. */
const lineMax = 64

/** An image that is needed, and whether it is the latest one of a process that lives. */
export interface NeededImage {
  readonly image: HeldImage
  readonly isLatest: boolean
}

/**
 * Which records of the ring belong to processes that live, or to their ancestors. It makes no
 * objects for the others: many records are read at once, and most are not needed.
 */
export class RingSurvey {
  readonly #records: RecordsInPlace
  readonly #wasPosted: (pid: number, start: number) => boolean
  /** Offsets and lengths of execs and forks, oldest first. */
  readonly #found = new Uint32Array(backlogSize / smallestRecord)
  readonly #lengths = new Uint32Array(backlogSize / smallestRecord)
  #count = 0
  readonly #exits = new Map<number, number>()
  readonly #seen = new Set<number>()

  /** @param wasPosted whether an exec of a process was posted: its fork is not needed */
  constructor(records: RecordsInPlace, wasPosted: (pid: number, start: number) => boolean) {
    this.#records = records
    this.#wasPosted = wasPosted
  }

  /** Offset of the last exit of each pid. */
  get exits(): ReadonlyMap<number, number> {
    return this.#exits
  }

  /**
   * Reads what is in the ring up to a time, and leaves it there.
   * @returns the end of what was read, and the number of records
   */
  read(ring: Pick<RingBufferReader, 'peek'>, time: number): { end: number; records: number } {
    const [timeHigh, timeLow] = [Math.floor(time / 2 ** 32), time % 2 ** 32]
    this.#exits.clear()
    this.#count = 0
    let records = 0
    const end = ring.peek((offset, length) => {
      const kind = this.#records.kindAt(offset)
      if (kind === undefined) return true
      if (this.#records.isAfter(kind, offset, timeHigh, timeLow)) return false
      if (this.#count === this.#found.length) return false
      if (kind === 'exit') this.#exits.set(this.#records.pidAt(kind, offset), offset)
      else {
        this.#lengths[this.#count] = length
        this.#found[this.#count++] = offset
      }
      records++
      return true
    })
    return { end, records }
  }

  /**
   * Images of processes that live, and of their ancestors, oldest first.
   * @param taken images that the kernel kept elsewhere; all are needed
   */
  stillNeeded(taken: readonly HeldImage[]): NeededImage[] {
    const needed: NeededImage[] = []
    const seen = this.#seen
    seen.clear()
    /** Ancestors, and how many of theirs are needed. */
    const wanted = new Map<string, number>()
    const want = ({ kind, parent, cloner = parent }: HeldImage, line: number): void => {
      if (line === 0) return
      // A line of forks is needed up to their program.
      const further = kind === 'exec' ? line - 1 : Math.max(line - 1, 1)
      for (const { pid, ktime } of [parent, cloner]) wanted.set(`${pid} ${ktime}`, further)
    }
    for (const image of taken.toReversed()) {
      needed.push({ image, isLatest: !seen.has(image.pid) })
      seen.add(image.pid)
      want(image, lineMax)
    }
    for (let i = this.#count - 1; i >= 0; i--) {
      const offset = this.#found[i]
      const kind = this.#records.kindAt(offset) === 'exec' ? 'exec' : 'fork'
      const pid = this.#records.pidAt(kind, offset)
      const isLatest = !seen.has(pid) && !this.#hasEnded(kind, offset, pid)
      seen.add(pid)
      if (!isLatest && wanted.size === 0) continue
      const isNeeded = isLatest && !this.#isPostedFork(kind, offset)
      const line = isNeeded ? lineMax : this.#wantedLine(kind, offset, wanted)
      if (line === undefined) continue
      const image = this.#records.imageAt(kind, offset, this.#lengths[i])
      needed.push({ image, isLatest: isNeeded })
      want(image, line)
    }
    return needed.reverse()
  }

  #wantedLine(
    kind: ImageKind,
    offset: number,
    wanted: ReadonlyMap<string, number>,
  ): number | undefined {
    if (wanted.size === 0) return undefined
    const { pid, ktime } = this.#records.keyAt(kind, offset)
    return wanted.get(`${pid} ${ktime}`)
  }

  /** Whether the last exit of the pid is that of the process. */
  #hasEnded(kind: ImageKind, offset: number, pid: number): boolean {
    const exit = this.#exits.get(pid)
    return exit !== undefined && this.#records.isEndOf(exit, kind, offset)
  }

  #isPostedFork(kind: ImageKind, offset: number): boolean {
    if (kind === 'exec') return false
    const { pid, ktime } = this.#records.keyAt(kind, offset)
    return this.#wasPosted(pid, ktime)
  }
}
