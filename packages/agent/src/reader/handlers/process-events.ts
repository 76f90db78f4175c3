import { processFlags } from '@tetragon-ts/api'
import { type RecordMemory, recordMemory } from '@tetragon-ts/ebpf/records'
import type { RingBufferReader } from '@tetragon-ts/ebpf/ringbuf'
import { bootTimeNs } from '@tetragon-ts/ebpf/sys'
import { kernelProcess } from '../../processes/kernel-process.ts'
import { type Process, unknownExecs } from '../../processes/process.ts'
import { setParent } from '../../processes/process-cache.ts'
import type { Counters } from '../counters.ts'
import type { EventContext } from '../event-context.ts'
import { noDetails } from '../json/exec-details-json.ts'
import type { BacklogRing } from './backlog.ts'
import { HeldRing } from './held-ring.ts'
import type { OpenImages } from './kernel-images.ts'
import { MissingParents } from './missing-parents.ts'
import { ProcessBuilder, ProcessInput } from './process-builder.ts'
import { ProcessEventWriter } from './process-event-writer.ts'
import type { LiveProcesses } from './reconciliation.ts'
import type { RecordHandler } from './record-handler.ts'
import { type HeldRecord, type ImageKey, type RunningProcess, StartOrder } from './start-order.ts'
import {
  compareWithHit,
  type Found,
  type HitProcess,
  UnknownProcesses,
} from './unknown-processes.ts'
import { UnreadExecs } from './unread-execs.ts'

/** Turns process records of the kernel side into `process_exec` and `process_exit` events. */
export class ProcessEvents implements RecordHandler {
  readonly #context: EventContext
  readonly #writer: ProcessEventWriter
  readonly #missing: MissingParents
  readonly #builder: ProcessBuilder
  readonly #ring: ProcessInput
  readonly #unread: UnreadExecs
  /** The ring, except while held records are replayed. */
  #input: ProcessInput
  /** Until the running processes have been read. */
  #order: StartOrder | undefined = new StartOrder()
  /** Exits of unknown processes. */
  #unknownExits = 0
  /** Processes whose exit record was lost, found later. */
  #lostExits = 0

  /** Processes of hook records that the cache lacks. */
  readonly unknown = new UnknownProcesses((record, hit) => this.#adopt(record, hit))

  /** @param source the ring; `memory` is its memory */
  constructor(context: EventContext, memory: RecordMemory, source: Pick<RingBufferReader, 'peek'>) {
    this.#context = context
    this.#writer = new ProcessEventWriter(context)
    this.#missing = new MissingParents(context, this.#writer)
    this.#builder = new ProcessBuilder(context)
    this.#ring = new ProcessInput(context, memory)
    this.#input = this.#ring
    this.#unread = new UnreadExecs(source, new ProcessInput(context, memory))
    this.unknown.findUnread = this.#findUnread
    this.unknown.infer = this.#infer
  }

  /** Events written. */
  get written(): number {
    return this.#writer.written
  }

  count(counters: Counters): void {
    this.#builder.count(counters)
    counters.set('unknownExits', this.#unknownExits)
    counters.set('lostExits', this.#lostExits)
    this.#held?.count(counters)
  }

  /** Undefined: no policy has filtered process events yet. */
  #held: HeldRing | undefined
  /** Called with the pid of each process that ended, if its exit is not posted. */
  onHeldExit: ((pid: number) => void) | undefined

  /**
   * Policies filter process events: their records are in another ring, or in the kernel.
   * @param live state of live processes in the kernel
   */
  openBacklog(ring: BacklogRing, images: OpenImages, live: Pick<LiveProcesses, 'startOf'>): void {
    const onExit = (pid: number): void => this.onHeldExit?.(pid)
    this.#held = new HeldRing(this.#context, this.#builder, { ring, images, live, onExit })
    const { processes } = this.#held
    this.#missing.held = processes
    this.unknown.findHeld = processes.ofHit
  }

  /** Half of the ring of processes whose events are not posted is full. */
  backlog(offset: number): void {
    const { backlog } = this.#input
    backlog.at(offset)
    this.#held?.free(backlog.timeHigh * 2 ** 32 + backlog.timeLow)
  }

  /** Adds the images of a pid whose events are not posted. */
  readonly adoptHeld = (pid: number): void => this.#held?.processes.adoptAll(pid)

  /** Writes the event of the kernel, the ancestor of all processes. */
  begin(): void {
    const { cache, execIds } = this.#context
    const kernel = kernelProcess(execIds)
    cache.add(kernel)
    this.#writer.exec(kernel, noDetails)
  }

  /** Whether records are held back: see `hold`. */
  get holds(): boolean {
    return this.#order !== undefined
  }

  /**
   * Keeps a record until the running processes have been read; beyond a limit everything is written
   * as it arrives.
   * @param replay handles the record later
   */
  hold(record: Uint8Array, subject: HeldRecord, replay: (offset: number) => void): void {
    const order = this.#order
    order?.hold(record, subject)
    if (order?.isFull) this.#release(order, replay)
  }

  /**
   * The walk has reported all processes that started before the agent.
   * @param replay see `hold`
   */
  foundRunning(replay: (offset: number) => void): void {
    if (this.#order) this.#release(this.#order, replay)
    this.#builder.closeFiles()
    this.#missing.endStart()
    // Not in order, or after a lost record.
    this.#context.cache.findParents()
  }

  #release(order: StartOrder, replay: (offset: number) => void): void {
    this.#order = undefined
    let image: ImageKey | undefined
    this.#onImage = (process) => {
      image = process
    }
    order.release({
      running: (running) => this.#addRunning(running),
      input: (memory) => {
        this.#input = new ProcessInput(this.#context, memory)
      },
      record: (offset) => {
        image = undefined
        replay(offset)
        return image
      },
    })
    this.#onImage = undefined
    this.#input = this.#ring
  }

  #onImage: ((process: Process) => void) | undefined

  /** Memory of the current records. */
  get memory(): RecordMemory {
    return this.#input.memory
  }

  exec(offset: number): void {
    const record = this.#input.exec
    record.at(offset)
    const { identity, previousKtime } = record
    this.#endOther(identity.key.pid, record.start)
    const parent =
      this.#parent(identity.parent) ??
      this.#missing.remembered(identity) ??
      this.#missing.before(identity)
    const { process, shown } = this.#builder.executed(this.#input, offset, parent)
    this.#add(process)
    this.#held?.posted(process)
    // If the fork of the previous image was lost, the cache lacks it and the event is marked.
    if (previousKtime !== 0 && parent === undefined) process.flags |= processFlags.miss
    this.#writer.exec(process, shown)
  }

  fork(offset: number): void {
    const record = this.#input.fork
    record.at(offset)
    const { identity } = record
    const { key, parent: above } = identity
    // A process that was just forked began with its image.
    this.#endOther(key.pid, key.ktime)
    // At the start: it executed a program before execs were hooked, and was found afterwards.
    if (this.#context.cache.find(key.pid, key.ktime)) return
    const parent = this.#parent(above) ?? this.#missing.before(identity)
    const { clonerPid: pid, clonerKtime: ktime } = record
    const other = () =>
      this.#context.cache.find(pid, ktime) ?? this.#held?.processes.program(pid, ktime)
    const cloner = parent?.pid === pid ? parent : other()
    // At the start, the cloner may have ended before the walk reached it.
    const isUnknown = this.#missing.isStarting && !cloner?.image
    const image = isUnknown ? this.#builder.imageInProcfs(this.#input) : ''
    this.#add(this.#builder.forked(this.#input, offset, parent, cloner, image))
  }

  exit(offset: number): void {
    const record = this.#input.exit
    record.at(offset)
    const { key, start } = record
    const { cache } = this.#context
    this.#endOther(key.pid, start)
    // One that never executed a program, and was not named by an event yet.
    if (cache.get(key.pid)?.ktime !== key.ktime) this.#held?.processes.adopt(key.pid, key.ktime)
    const live = cache.get(key.pid)
    // Another image: the exec record was lost, unless the image was inferred from a hit.
    const isInferred = live?.start === start && ((live.execs - key.execs) | 0) > 0
    const process = live?.ktime === key.ktime || isInferred ? live : undefined
    if (!live && this.#missing.isStarting) return
    this.#writer.exit(process, record)
    if (process) return cache.remove(process)
    this.#unknownExits++
    if (live) cache.drop(live)
  }

  /** The exit of a process that did not fit into the kernel's table. */
  unlisted(offset: number): void {
    const record = this.#input.exit
    record.at(offset)
    const { key, start } = record
    const process = this.#context.cache.get(key.pid)
    // Another one of two last threads may have reported it.
    if (process?.start !== start) return
    this.#writer.exit(process, record)
    this.#context.cache.remove(process)
  }

  /** Later events of the process are throttled. */
  forget(offset: number): void {
    this.#input.exit.at(offset)
    const { key, start } = this.#input.exit
    this.#endOther(key.pid, start)
    const { cache } = this.#context
    const process = cache.get(key.pid)
    if (process) cache.remove(process)
  }

  /** A process whose exit record was lost has ended. */
  readonly lostExit = (process: Process): void => {
    // Its exit may be held.
    this.#held?.processes.readAll()
    const { cache } = this.#context
    if (cache.get(process.pid) !== process) return
    if (!process.isHeld) {
      this.#lostExits++
      const now = bootTimeNs()
      this.#writer.lostExit(process, Number(now >> 32n), Number(now & 0xffff_ffffn))
    }
    cache.remove(process)
  }

  /** A process that started before the agent, or an image whose record was lost. */
  running(offset: number): void {
    const record = this.#input.running
    record.at(offset)
    const { key } = record.identity
    this.#endOther(key.pid, record.start)
    const live = this.#context.cache.get(key.pid)
    // Its own record, or one of a later image, was already read.
    if (live && live.execs >= key.execs) return
    const running = this.#builder.found(this.#input, offset)
    if (this.#order) this.#order.addRunning(running)
    else this.#addRunning(running)
  }

  /**
   * Adds a process that the kernel has found although no record introduced it, if it is that of a
   * hit.
   * @param bytes a `RunningRecord`
   */
  #adopt(bytes: Uint8Array, hit: HitProcess): Found {
    const memory = recordMemory(new ArrayBuffer((bytes.length + 7) & ~7))
    memory.bytes.set(bytes)
    const input = new ProcessInput(this.#context, memory)
    input.running.at(0)
    const found = compareWithHit(input.running, hit, this.#context.cache.get(hit.pid))
    if (found !== 'added') return found
    this.#input = input
    this.running(0)
    this.#input = this.#ring
    return 'added'
  }

  /** Adds the process of a hit before its first exec, if no program saw its fork. */
  readonly #findUnread = (hit: HitProcess): Found => {
    if (this.#context.cache.get(hit.pid)?.start === hit.start) return 'none'
    const offset = this.#unread.find(hit)
    if (offset === undefined) return 'none'
    const { input } = this.#unread
    this.#endOther(hit.pid, hit.start)
    const parent = this.#parent(input.exec.identity.parent)
    this.#add(this.#builder.beforeExec(input, offset, hit.execs, parent))
    return 'added'
  }

  /**
   * Adds the image of a hit whose process has ended, if no program saw its exec: of the image, only
   * the one before is known.
   */
  readonly #infer = (hit: HitProcess): Found => {
    const before = this.#context.cache.get(hit.pid)
    if (before?.start !== hit.start || before.execs === unknownExecs) return 'none'
    if (this.#unread.isAhead(hit)) return 'previous'
    // Half of all counts are later ones.
    if (((hit.execs - before.execs) | 0) <= 0) return 'none'
    const process = this.#builder.inferred(before, hit)
    this.#add(process)
    if (!process.isHeld) this.#writer.exec(process, noDetails)
    return 'added'
  }

  #addRunning({ process, parent: key }: RunningProcess): void {
    const live = this.#context.cache.get(process.pid)
    if (live?.start === process.start && live.execs >= process.execs) return
    if (live?.ktime === process.ktime) {
      // Too many records were held: its event has been written.
      live.execs = process.execs
      return
    }
    const parent = this.#parent(key)
    if (parent) setParent(process, parent)
    this.#add(process)
    if (!process.isHeld) this.#writer.exec(process, noDetails)
  }

  data(offset: number): void {
    this.#input.piece.at(offset)
    this.#builder.addPiece(this.#input)
  }

  /**
   * If the cache has another process with this pid, that process ended and its exit record was
   * lost.
   */
  #endOther(pid: number, start: number): void {
    const live = this.#context.cache.get(pid)
    if (live !== undefined && live.start !== start) this.lostExit(live)
  }

  /** The live image that a record names as a parent, or one that is missing in the cache. */
  #parent(key: RunningProcess['parent']): Process | undefined {
    return this.#context.cache.find(key.pid, key.ktime) ?? this.#missing.find(key)
  }

  #add(process: Process): void {
    this.#context.cache.add(process)
    this.#onImage?.(process)
  }
}
