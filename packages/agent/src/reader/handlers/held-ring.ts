import { recordMax } from '@tetragon-ts/compiler/hooks'
import { recordMemory } from '@tetragon-ts/ebpf/records'
import { processRecords } from '@tetragon-ts/sensors'
import { EndedParents } from '../../processes/ended-parents.ts'
import type { Process } from '../../processes/process.ts'
import type { Counters } from '../counters.ts'
import { recordContent } from '../event-content.ts'
import type { EventContext } from '../event-context.ts'
import { Backlog, type BacklogRing } from './backlog.ts'
import type { HeldImage } from './held-image.ts'
import { HeldProcesses } from './held-processes.ts'
import type { OpenImages } from './kernel-images.ts'
import { type ProcessBuilder, ProcessInput } from './process-builder.ts'
import type { LiveProcesses } from './reconciliation.ts'

export interface HeldRingParts {
  readonly ring: BacklogRing
  readonly images: OpenImages
  /** State of live processes in the kernel. */
  readonly live: Pick<LiveProcesses, 'startOf'>
  /** Called with the pid of each process that ended, if its exit is not posted. */
  readonly onExit: (pid: number) => void
}

/** The ring of processes whose events are not posted, with the processes that are in it. */
export class HeldRing {
  readonly #context: EventContext
  readonly #builder: ProcessBuilder
  readonly #backlog: Backlog
  readonly #ended: EndedParents
  readonly processes: HeldProcesses
  /** Reads copies of records. */
  readonly #copy: ProcessInput
  readonly #onExit: HeldRingParts['onExit']

  constructor(
    context: EventContext,
    builder: ProcessBuilder,
    { ring, images, live, onExit }: HeldRingParts,
  ) {
    const { cache } = context
    const { bytes } = ring
    const memory = recordMemory(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#context = context
    this.#builder = builder
    this.#onExit = onExit
    this.#copy = new ProcessInput(context, recordMemory(new ArrayBuffer(recordMax + 1)))
    const sources = {
      ring,
      images: images(processRecords(recordContent(context.content))),
      input: new ProcessInput(context, memory),
      copy: this.#copy,
    }
    this.#backlog = new Backlog(sources, {
      isKnown: (pid) => cache.get(pid) !== undefined,
      ended: (pid, start) => this.#end(pid, start),
      evicted: (image) => this.processes.evicted(image),
    })
    this.#ended = new EndedParents(cache, this.#backlog)
    cache.onEnd = (process) => this.#ended.add(process)
    this.processes = new HeldProcesses({
      cache,
      ended: this.#ended,
      backlog: this.#backlog,
      live,
      make: (image, parent, cloner) => this.#make(image, parent, cloner),
    })
  }

  count(counters: Counters): void {
    counters.set('heldRecords', this.#backlog.read)
    counters.set('heldProcesses', this.processes.added)
  }

  /** An exec was posted: the record of the fork is not needed any more. */
  posted({ pid, start }: Process): void {
    this.#backlog.posted(pid, start)
    if (!this.#ended.isFull) return
    this.#backlog.takeAll()
    this.#ended.age()
  }

  /**
   * Half of the ring is full. The kernel side says so for each record until it is not: if the
   * reader is late, most say it of a ring that has been freed.
   * @param time when it was
   */
  free(time: number): void {
    if (!this.#backlog.isHalfFull) return
    // Executable mappings are read late, and may belong to processes that have ended.
    if (this.#context.cache.keepsImages) this.#backlog.takeAll()
    else this.#backlog.dropEnded(time)
    this.#ended.age()
  }

  #end(pid: number, start: number): void {
    const { cache } = this.#context
    const live = cache.get(pid)
    if (live?.start !== start) return
    this.#onExit(pid)
    cache.remove(live)
  }

  #make(
    { kind, record }: HeldImage,
    parent: Process | undefined,
    cloner: Process | undefined,
  ): Process {
    const input = this.#copy
    input.memory.bytes.set(record)
    input[kind].at(0)
    return kind === 'exec'
      ? this.#builder.executed(input, 0, parent).process
      : this.#builder.forked(input, 0, parent, cloner)
  }
}
