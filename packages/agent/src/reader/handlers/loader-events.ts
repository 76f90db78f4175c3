import type { RingBufferReader } from '@tetragon-ts/ebpf/ringbuf'
import { bootEpochNs } from '@tetragon-ts/ebpf/sys'
import type { Counters } from '../counters.ts'
import type { EventContext } from '../event-context.ts'
import { BuildIds } from '../mapped-files/build-ids.ts'
import { ByOrigin } from '../question-thread/by-origin.ts'
import { ExecStarts } from './exec-starts.ts'
import { imageAt } from './image-at.ts'
import { LoaderEventWriter } from './loader-event-writer.ts'
import { type Item, type MappedItem, MappingQueue, type MappingSource } from './mapping-queue.ts'
import type { RecordHandler } from './record-handler.ts'

/** Milliseconds from one read of the rings to the next, if the rings are idle or busy. */
const restMs = { idle: 48, busy: 4 }
/** Maximum number of items that are handled before other records are read again. */
const batchMax = 256
/** Maximum number of mappings that wait for an exec record or a build id. */
const waitingMax = 10_000
/** Milliseconds to wait for an exec record; build-ids.ts has the limit for build ids. */
const waitMs = 5000
const nsInMs = 1e6

/** Turns executable mappings of files into `process_loader` events, while it is started. */
export class LoaderEvents implements RecordHandler {
  readonly #context: EventContext
  readonly #source: Pick<RingBufferReader, 'end' | 'hasReached'>
  readonly #afterEvent: () => void
  readonly #writer: LoaderEventWriter
  readonly #execStarts: ExecStarts
  readonly #buildIds: ByOrigin<BuildIds>
  #queue: MappingQueue | undefined
  /** Times of the last and of the next read of the rings, as of performance.now(). */
  #readAt = 0
  #nextReadAt = 0
  /** Counts of all earlier starts. */
  #before = { received: 0, lost: 0 }
  /** Mappings whose process was known when they were read, and only after its exec record. */
  #immediate = 0
  #retried = 0
  /** Build ids that were asked for, and not answered in time. */
  #idsLate = 0

  /**
   * @param source the ring of processes
   * @param afterEvent called after each event is written
   */
  constructor(
    context: EventContext,
    source: Pick<RingBufferReader, 'end' | 'hasReached'>,
    afterEvent: () => void,
  ) {
    this.#context = context
    this.#source = source
    this.#afterEvent = afterEvent
    this.#writer = new LoaderEventWriter(context)
    this.#execStarts = new ExecStarts(context.cache)
    const { procfs } = context
    this.#buildIds = new ByOrigin(procfs, () => new BuildIds(procfs))
  }

  /** Called before the process of a mapping is looked for in the cache. */
  onPid: ((pid: number) => void) | undefined

  /** Events written. */
  get written(): number {
    return this.#writer.written
  }

  /** Writes events of these rings, which it closes at the end. */
  start(rings: MappingSource): void {
    this.#context.cache.keepsImages = true
    this.#nextReadAt = 0
    this.#queue = new MappingQueue(rings, this.#source, (mapping, file) => {
      const wallMs = (Number(bootEpochNs()) + Number(mapping.time)) / nsInMs
      return this.#buildIds.of(mapping.pid).ask(mapping, file, wallMs)
    })
  }

  /** Writes what is in the rings, and closes them. All other records must have been read. */
  stop(): void {
    const queue = this.#queue
    if (queue === undefined) return
    this.#queue = undefined
    for (const item of queue.takeAll()) this.#handle(item, queue, false)
    this.#before.received += queue.received
    this.#before.lost += queue.lost
    this.#end()
  }

  /** Closes the rings without writing their content. */
  close(): void {
    this.#queue?.close()
    this.#queue = undefined
    this.#end()
  }

  #end(): void {
    this.#context.cache.keepsImages = false
    this.#execStarts.clear()
    for (const ids of this.#buildIds.all) ids.close()
  }

  /** Milliseconds until the rings should be read. */
  get rest(): number {
    if (this.#queue === undefined) return Number.POSITIVE_INFINITY
    return Math.max(0, this.#nextReadAt - performance.now())
  }

  endBatch(): void {
    const queue = this.#queue
    if (queue === undefined) return
    if (queue.isRoundDone) {
      // Other records woke the reader: the rings are not due yet.
      if (this.rest > 0) return
      this.#readAt = performance.now()
      for (const ids of this.#buildIds.all) ids.receive()
      queue.refill()
      for (const ids of this.#buildIds.all) ids.send()
    }
    this.#handleBatch(queue)
    this.#nextReadAt = this.#readAt + (queue.isBusy ? restMs.busy : restMs.idle)
  }

  #handleBatch(queue: MappingQueue): void {
    for (let handled = 0; handled < batchMax; handled++) {
      const item = queue.take()
      if (item === undefined) return
      this.#handle(item, queue, queue.waiting < waitingMax)
    }
  }

  finish(): void {
    this.stop()
  }

  count(counters: Counters): void {
    const { host, container } = this.#buildIds
    counters.set('loaderReceived', this.#before.received + (this.#queue?.received ?? 0))
    counters.set('loaderImmediate', this.#immediate)
    counters.set('loaderRetried', this.#retried)
    counters.set('loaderLost', this.#before.lost + (this.#queue?.lost ?? 0))
    counters.set('loaderIdsMissed', this.#idsLate + host.missed + container.missed)
    counters.set('loaderUnknown', this.#writer.unknownProcesses)
  }

  /** @param canWait whether it may be put back */
  #handle(item: Item, queue: MappingQueue, canWait: boolean): void {
    if (item.mapping === undefined) return this.#execStarts.add(item.pid, item.time)
    const isFirst = item.giveUpAt === undefined
    if (isFirst) item.execStart = this.#execStarts.of(item.pid)
    item.giveUpAt ??= performance.now() + waitMs
    if (isFirst || item.image === 'later') this.#findImage(item, queue.lostAt, isFirst)
    const needsImage = item.image === 'later' && performance.now() < item.giveUpAt
    const needsId = item.asked !== undefined && !item.asked.isOver
    if (canWait && (needsImage || needsId)) queue.putBack(item)
    else this.#write(item)
  }

  #findImage(item: MappedItem, lostAt: number, isFirst: boolean): void {
    const { pid, time, execStart } = item
    this.onPid?.(pid)
    const image = imageAt(this.#context.cache, { pid, time, execStart }, lostAt)
    item.image = image
    if (image === 'later' || image === undefined) return
    if (isFirst) this.#immediate++
    else this.#retried++
  }

  #write({ mapping, time, asked, image }: MappedItem): void {
    const { pid, tid, path } = mapping
    if (asked !== undefined && asked.state !== 'answered') this.#idsLate++
    const buildId = mapping.buildId ?? asked?.buildId
    this.#writer.write({ pid, tid, time, path, buildId }, image === 'later' ? undefined : image)
    this.#afterEvent()
  }
}
