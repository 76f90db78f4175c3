import type { RingBufferReader } from '@tetragon-ts/ebpf/ringbuf'
import { backlogSize } from '@tetragon-ts/sensors'
import { type HeldImage, heldKindAt, type ImageInput, readImage } from './held-image.ts'
import { Kept } from './kept-images.ts'
import type { KernelImages } from './kernel-images.ts'
import type { ProcessInput } from './process-builder.ts'
import { RecordsInPlace } from './records-in-place.ts'
import { RingSurvey } from './ring-survey.ts'

/** Maximum number of records, and of their bytes, that are kept outside of the ring. */
const keptMax = { records: 65536, bytes: 2 * backlogSize }

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

/** Where records of processes whose events are not posted are. */
export interface HeldSources {
  readonly ring: BacklogRing
  /** Those that are not in the ring. */
  readonly images: KernelImages
  /** Reads the memory of the ring. */
  readonly input: Pick<ProcessInput, 'exec' | 'fork' | 'exit' | 'keys' | 'memory'>
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
  readonly #records: RecordsInPlace
  readonly #survey: RingSurvey
  readonly #images: KernelImages
  readonly #copy: HeldSources['copy']
  readonly #observer: BacklogObserver
  readonly #kept = new Kept(keptMax, (image) => {
    if (image.endedAt === undefined) this.#observer.evicted(image)
  })
  /** Starts of processes by pid whose execs were posted, newer and older ones. */
  #posted = new Map<number, number>()
  #postedBefore = new Map<number, number>()
  /** Records read. */
  read = 0

  constructor({ ring, images, input, copy }: HeldSources, observer: BacklogObserver) {
    this.#ring = ring
    this.#records = new RecordsInPlace(input)
    this.#survey = new RingSurvey(this.#records, (pid, start) => {
      return this.#posted.get(pid) === start || this.#postedBefore.get(pid) === start
    })
    this.#images = images
    this.#copy = copy
    this.#observer = observer
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

  #forgetPosted(): void {
    this.#postedBefore = this.#posted
    this.#posted = new Map()
  }

  /** Reads what is in the ring, and keeps it. @returns number of records */
  readAll(): number {
    const read = this.#ring.read((offset, length) => {
      const kind = this.#records.kindAt(offset)
      if (kind === 'exit') this.#end(offset)
      else if (kind) this.#kept.add(this.#records.imageAt(kind, offset, length))
    })
    this.read += read
    return read
  }

  /**
   * Frees the ring of the records up to a time. All records of events up to then must have been
   * read: processes that ended before are not named by further ones, except as ancestors.
   */
  dropEnded(time: number): void {
    const { end, records } = this.#survey.read(this.#ring, time)
    this.read += records
    const needed = this.#survey.stillNeeded(this.#takeImages())
    for (const { image } of needed) this.#kept.add(image)
    const gone = new Set(needed.map(({ image }) => image))
    for (const { image, isLatest } of needed) {
      // If it has just ended, events of it may still have to be read.
      if (isLatest && !this.#observer.evicted(image)) this.#withoutLine(gone, image)
    }
    for (const [pid, offset] of this.#survey.exits) {
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

  #end(offset: number): void {
    const { pid, start, time } = this.#records.exitAt(offset)
    for (const image of this.imagesOf(pid)) if (image.start === start) image.endedAt = time
    this.#observer.ended(pid, start)
  }
}
