import type { RecordMemory } from '@tetragon-ts/ebpf/records'
import type { RingBufferReader } from '@tetragon-ts/ebpf/ringbuf'
import { backlogSize, kindOf, recordKind } from '@tetragon-ts/sensors'
import type { Process } from '../../processes/process.ts'
import type { ExecFields, Identity, ProcessInput } from './process-input.ts'

/** Maximum number of records, and of their bytes, that are kept outside of the ring. */
const keptMax = { records: 65536, bytes: 2 * backlogSize }

/** An image of a process whose events are not posted: its exec or fork record. */
export interface HeldImage {
  readonly kind: 'exec' | 'fork'
  readonly pid: number
  /** Start of the process and of the image, in nanoseconds since boot. */
  readonly start: number
  readonly ktime: number
  /** The kernel's count of its execs. */
  readonly execs: number
  readonly parent: { readonly pid: number; readonly ktime: number }
  readonly record: Uint8Array
  /** Whether its process has ended. */
  hasEnded: boolean
  /** Created when an event refers to it. */
  process: Process | undefined
}

/** Receives what happened to processes whose events are not posted. */
export interface BacklogObserver {
  ended(pid: number, start: number): void
  /** The record of an image is dropped whose end is not known. */
  evicted(image: HeldImage): void
}

/** The ring of held records. */
export type BacklogRing = Pick<RingBufferReader, 'read' | 'bytes'>

/**
 * The records of processes whose events are not posted. They stay in the ring until an event refers
 * to such a process, or half of the ring is full. What was read is kept here, the newest records
 * first.
 */
export class Backlog {
  readonly #ring: BacklogRing
  readonly #words: Uint32Array
  readonly #input: Pick<ProcessInput, 'exec' | 'fork' | 'exit'>
  readonly #observer: BacklogObserver
  readonly #byPid = new Map<number, HeldImage[]>()
  /** In the order of the ring. */
  readonly #all = new Set<HeldImage>()
  #bytes = 0
  /** Records read. */
  read = 0

  /** @param input reads the memory of the ring */
  constructor(
    ring: BacklogRing,
    memory: RecordMemory,
    input: Pick<ProcessInput, 'exec' | 'fork' | 'exit'>,
    observer: BacklogObserver,
  ) {
    this.#ring = ring
    this.#words = memory.words
    this.#input = input
    this.#observer = observer
  }

  /** Images of a pid that were read, oldest first. */
  imagesOf(pid: number): readonly HeldImage[] {
    return this.#byPid.get(pid) ?? []
  }

  /**
   * Finds an image, also among records that were not read yet.
   * @param isOne the newest image for which it is true is returned
   */
  find(pid: number, isOne: (image: HeldImage) => boolean): HeldImage | undefined {
    const found = this.imagesOf(pid).findLast(isOne)
    if (found || this.catchUp() === 0) return found
    return this.imagesOf(pid).findLast(isOne)
  }

  /** Reads what is in the ring. @returns number of records */
  catchUp(): number {
    const read = this.#ring.read(this.#take)
    this.read += read
    return read
  }

  readonly #take = (offset: number, length: number): void => {
    const { exec, fork, exit } = this.#input
    switch (kindOf(this.#words[offset >>> 2])) {
      case recordKind.exec:
        exec.at(offset)
        return this.#add('exec', exec.identity, exec.start, offset, length)
      case recordKind.fork:
        fork.at(offset)
        return this.#add('fork', fork.identity, fork.identity.key.ktime, offset, length)
      case recordKind.exit:
        exit.at(offset)
        return this.#end(exit.key.pid, exit.start)
    }
  }

  #add(
    kind: HeldImage['kind'],
    { key, parent }: Identity,
    start: ExecFields['start'],
    offset: number,
    length: number,
  ): void {
    const image: HeldImage = {
      kind,
      pid: key.pid,
      start,
      ktime: key.ktime,
      execs: key.execs,
      parent: { pid: parent.pid, ktime: parent.ktime },
      record: this.#ring.bytes.slice(offset, offset + length),
      hasEnded: false,
      process: undefined,
    }
    this.#all.add(image)
    this.#bytes += length
    const images = this.#byPid.get(image.pid)
    if (images) images.push(image)
    else this.#byPid.set(image.pid, [image])
    for (const oldest of this.#all) {
      if (this.#all.size <= keptMax.records && this.#bytes <= keptMax.bytes) break
      this.#evict(oldest)
    }
  }

  #end(pid: number, start: number): void {
    for (const image of this.imagesOf(pid)) if (image.start === start) image.hasEnded = true
    this.#observer.ended(pid, start)
  }

  #evict(image: HeldImage): void {
    const { pid, record, hasEnded } = image
    if (!hasEnded) this.#observer.evicted(image)
    this.#all.delete(image)
    this.#bytes -= record.length
    const images = this.#byPid.get(pid) ?? []
    const others = images.filter((each) => each !== image)
    if (others.length > 0) this.#byPid.set(pid, others)
    else this.#byPid.delete(pid)
  }
}
