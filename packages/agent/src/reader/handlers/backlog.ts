import type { RingBufferReader } from '@tetragon-ts/ebpf/ringbuf'
import { backlogSize, ExitRecord, ProcessKey } from '@tetragon-ts/sensors'
import {
  type HeldImage,
  type HeldKind,
  heldKindAt,
  type ImageInput,
  readImage,
} from './held-image.ts'
import { Kept } from './kept-images.ts'
import type { KernelImages } from './kernel-images.ts'
import type { ProcessInput } from './process-input.ts'

/** Maximum number of records, and of their bytes, that are kept outside of the ring. */
const keptMax = { records: 65536, bytes: 2 * backlogSize }
/** Minimum size of the record of a fork or exec, with its header. */
const smallestRecord = 64
const pidInKey = ProcessKey.field('pid').offset
/** Maximum length of a line of ancestors that is kept for a process. */
const lineMax = 64

/** An image that is needed, and whether it is the latest one of a process that lives. */
interface NeededImage {
  readonly image: HeldImage
  readonly isLatest: boolean
}

/** Receives what happened to processes whose events are not posted. */
export interface BacklogObserver {
  ended(pid: number, start: number): void
  /** Whether it has a process with this pid. */
  isKnown(pid: number): boolean
  /**
   * The record of an image is dropped, and the process has not ended as far as is known.
   * @returns false if the kernel knows the process no more, and it was not added to the cache
   */
  evicted(image: HeldImage): boolean
}

/** The ring of held records. */
export type BacklogRing = Pick<
  RingBufferReader,
  'read' | 'peek' | 'release' | 'bytes' | 'pending' | 'size'
>

/** Reads records of the ring. */
type Input = Pick<ProcessInput, 'exec' | 'fork' | 'exit' | 'keys' | 'memory'>

/** Where records of processes whose events are not posted are. */
export interface HeldSources {
  readonly ring: BacklogRing
  /** Those that are not in the ring. */
  readonly images: KernelImages
  /** Reads the memory of the ring. */
  readonly input: Input
  /** Reads a record of `images`, at the start of its memory. */
  readonly copy: ImageInput & Pick<ProcessInput, 'memory'>
}

/**
 * The records of processes whose events are not posted. Most stay in the kernel. Those of processes
 * with children, and the ones that did not fit, are in a ring until an event refers to such a
 * process, or half of the ring is full. Then those of processes that have ended are dropped where
 * they are, and the cache gets the others.
 */
export class Backlog {
  readonly #ring: BacklogRing
  readonly #words: Uint32Array
  readonly #input: Input
  readonly #images: KernelImages
  readonly #copy: HeldSources['copy']
  readonly #observer: BacklogObserver
  readonly #kept = new Kept(keptMax, (image) => {
    if (image.endedAt === undefined) this.#observer.evicted(image)
  })
  /** Starts of processes by pid whose execs were posted, newer and older ones. */
  #posted = new Map<number, number>()
  #postedBefore = new Map<number, number>()
  /** While records are dropped: execs and forks, the last exit of each pid, and pids. */
  readonly #found = new Uint32Array(backlogSize / smallestRecord)
  readonly #lengths = new Uint32Array(backlogSize / smallestRecord)
  readonly #exits = new Map<number, number>()
  readonly #seen = new Set<number>()
  /** Offset of the time in each kind of record. */
  readonly #timeAt: Readonly<Record<HeldKind, number>>
  /** Records read. */
  read = 0

  constructor({ ring, images, input, copy }: HeldSources, observer: BacklogObserver) {
    this.#ring = ring
    this.#words = input.memory.words
    this.#input = input
    this.#images = images
    this.#copy = copy
    this.#observer = observer
    const { exec, fork } = input.keys
    const inKey = ProcessKey.field('ktime').offset
    const exit = ExitRecord.field('time').offset
    this.#timeAt = { exec: exec.key + inKey, fork: fork.key + inKey, exit }
  }

  /** Whether half of the ring is full. */
  get isHalfFull(): boolean {
    return this.#ring.pending > this.#ring.size / 2
  }

  /** Whether an image that was read names a pid as its parent or cloner. */
  names(pid: number): boolean {
    return this.#kept.names(pid)
  }

  /** Images of a pid that were read, oldest first. */
  imagesOf(pid: number): readonly HeldImage[] {
    return this.#kept.of(pid)
  }

  /**
   * Finds an image, also among records that were not read yet.
   * @param isOne the newest image for which it is true is returned
   */
  find(pid: number, isOne: (image: HeldImage) => boolean): HeldImage | undefined {
    const steps = [
      () => 1,
      () => this.readAll(),
      () => this.#take(pid),
      // The kernel side may have moved it to the ring before it could be taken.
      () => this.readAll(),
    ]
    for (const step of steps) {
      if (step() === 0) continue
      const found = this.imagesOf(pid).findLast(isOne)
      if (found) return found
    }
    return undefined
  }

  /** Reads what is in the ring and what the kernel keeps, and keeps it here. */
  takeAll(): void {
    this.readAll()
    for (const image of this.#takeImages()) this.#kept.add(image)
  }

  #take(pid: number): number {
    const images = this.#read(this.#images.take(pid))
    for (const image of images) this.#kept.add(image)
    return images.length
  }

  #takeImages(): HeldImage[] {
    return this.#read(this.#images.takeAll())
  }

  #read(records: readonly Uint8Array[]): HeldImage[] {
    const { memory } = this.#copy
    this.read += records.length
    return records.flatMap((record) => {
      memory.bytes.set(record)
      const kind = heldKindAt(memory, 0)
      const isImage = kind === 'exec' || kind === 'fork'
      return isImage ? [readImage(this.#copy, memory, kind, 0, record.length)] : []
    })
  }

  /** An exec was posted: the record of the fork is not needed any more. */
  posted(pid: number, start: number): void {
    if (this.#posted.size >= keptMax.records) this.#forgetPosted()
    this.#posted.set(pid, start)
  }

  /** Reads what is in the ring, and keeps it. @returns number of records */
  readAll(): number {
    const read = this.#ring.read((offset, length) => {
      const kind = this.#kindAt(offset)
      if (kind === 'exit') this.#end(offset)
      else if (kind) this.#kept.add(this.#imageAt(kind, offset, length))
    })
    this.read += read
    return read
  }

  /**
   * Frees the ring of the records up to a time. All records of events up to then must have been
   * read: processes that ended before are not named by further ones, except as ancestors.
   */
  dropEnded(time: number): void {
    const [timeHigh, timeLow] = [Math.floor(time / 2 ** 32), time % 2 ** 32]
    // Without objects for each record: many are read at once, and most are not needed.
    const found = this.#found
    const ended = this.#exits
    ended.clear()
    let count = 0
    const end = this.#ring.peek((offset, length) => {
      const kind = this.#kindAt(offset)
      if (kind === undefined) return true
      const at = (offset + this.#timeAt[kind]) >>> 2
      const high = this.#words[at + 1]
      if (high > timeHigh || (high === timeHigh && this.#words[at] > timeLow)) return false
      if (count === found.length) return false
      if (kind === 'exit') ended.set(this.#pidAt(kind, offset), offset)
      else {
        this.#lengths[count] = length
        found[count++] = offset
      }
      this.read++
      return true
    })
    const needed = this.#stillNeeded(found.subarray(0, count), this.#takeImages())
    for (const { image } of needed) this.#kept.add(image)
    const gone = new Set(needed.map(({ image }) => image))
    for (const { image, isLatest } of needed) {
      // If it has just ended, events of it may still have to be read.
      if (isLatest && !this.#observer.evicted(image)) this.#withoutLine(gone, image)
    }
    for (const [pid, offset] of ended) {
      if (this.imagesOf(pid).length > 0 || this.#observer.isKnown(pid)) this.#end(offset)
    }
    this.#ring.release(end)
    this.#kept.drop((image) => gone.has(image) || (image.endedAt ?? Infinity) <= time)
    this.#forgetPosted()
  }

  /** Removes an image and its ancestors from a set. */
  #withoutLine(images: Set<HeldImage>, first: HeldImage): void {
    const line = [first]
    for (const image of line) {
      if (!images.delete(image)) continue
      for (const { pid, ktime } of [image.parent, image.cloner ?? image.parent]) {
        const above = this.imagesOf(pid).findLast((each) => each.ktime === ktime)
        if (above) line.push(above)
      }
    }
  }

  #forgetPosted(): void {
    this.#postedBefore = this.#posted
    this.#posted = new Map()
  }

  /** Images of processes that live, and of their ancestors, oldest first. */
  #stillNeeded(found: Uint32Array, taken: readonly HeldImage[]): NeededImage[] {
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
    for (let i = found.length - 1; i >= 0; i--) {
      const offset = found[i]
      const kind = this.#kindAt(offset) === 'exec' ? 'exec' : 'fork'
      const pid = this.#pidAt(kind, offset)
      const isLatest = !seen.has(pid) && !this.#hasEnded(kind, offset, pid)
      seen.add(pid)
      if (!isLatest && wanted.size === 0) continue
      const isNeeded = isLatest && !(kind === 'fork' && this.#wasPosted(pid, offset))
      const line = isNeeded ? lineMax : this.#wantedLine(kind, offset, wanted)
      if (line === undefined) continue
      const image = this.#imageAt(kind, offset, this.#lengths[i])
      needed.push({ image, isLatest: isNeeded })
      want(image, line)
    }
    return needed.reverse()
  }

  #wantedLine(
    kind: 'exec' | 'fork',
    offset: number,
    wanted: ReadonlyMap<string, number>,
  ): number | undefined {
    if (wanted.size === 0) return undefined
    const { key } = this.#identityAt(kind, offset)
    return wanted.get(`${key.pid} ${key.ktime}`)
  }

  /** Whether the last exit of the pid is that of the process. */
  #hasEnded(kind: 'exec' | 'fork', offset: number, pid: number): boolean {
    const exit = this.#exits.get(pid)
    if (exit === undefined) return false
    const { keys } = this.#input
    const words = this.#words
    const [at, other] = [(offset + keys[kind].start) >>> 2, (exit + keys.exit.start) >>> 2]
    return words[at] === words[other] && words[at + 1] === words[other + 1]
  }

  /** @param offset of the record of the fork */
  #wasPosted(pid: number, offset: number): boolean {
    this.#identityAt('fork', offset)
    const start = this.#startAt('fork')
    return this.#posted.get(pid) === start || this.#postedBefore.get(pid) === start
  }

  #kindAt(offset: number): HeldKind | undefined {
    return heldKindAt(this.#input.memory, offset)
  }

  #pidAt(kind: HeldKind, offset: number): number {
    return this.#words[(offset + this.#input.keys[kind].key + pidInKey) >>> 2]
  }

  #identityAt(kind: 'exec' | 'fork', offset: number) {
    this.#input[kind].at(offset)
    return this.#input[kind].identity
  }

  /** Start of the process of the record at the cursor. */
  #startAt(kind: 'exec' | 'fork'): number {
    const { exec, fork } = this.#input
    return kind === 'exec' ? exec.start : fork.identity.key.ktime
  }

  #imageAt(kind: 'exec' | 'fork', offset: number, length: number): HeldImage {
    return readImage(this.#input, this.#input.memory, kind, offset, length)
  }

  #end(offset: number): void {
    const { exit } = this.#input
    exit.at(offset)
    const { key, start, timeHigh, timeLow } = exit
    const time = timeHigh * 2 ** 32 + timeLow
    for (const image of this.imagesOf(key.pid)) if (image.start === start) image.endedAt = time
    this.#observer.ended(key.pid, start)
  }
}
