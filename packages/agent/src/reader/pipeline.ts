import { recordMemory } from '@tetragon-ts/ebpf/records'
import type { RingBufferReader } from '@tetragon-ts/ebpf/ringbuf'
import {
  basicContent,
  ExitRecord,
  kindOf,
  ProcessKey,
  processRecords,
  recordKind,
} from '@tetragon-ts/sensors'
import type { Counters } from './counters.ts'
import type { EventContext } from './event-context.ts'
import { HookEvents } from './handlers/hook-events.ts'
import { ProcessEvents } from './handlers/process-events.ts'
import { type LiveProcesses, Reconciliation } from './handlers/reconciliation.ts'
import { ThrottleEvents } from './handlers/throttle-events.ts'
import { writeProcess } from './json/process-json.ts'
import type { Latencies } from './latencies.ts'
import type { EventTap } from './outputs/event-tap.ts'
import type { Sink } from './outputs/sink.ts'
import type { KnownProcess, PipelineTotals } from './protocol.ts'

/** Bytes of events that are collected before they are written within one batch. */
const flushAt = 1 << 18

/** Records about processes: until the running ones are known, their order is not final. */
const heldKinds: ReadonlySet<number> = new Set([
  recordKind.exec,
  recordKind.fork,
  recordKind.exit,
  recordKind.data,
  recordKind.forget,
  recordKind.unlisted,
])

/** Bytes in the sink's queue with which a batch ends early: records can give very long events. */
const stopAt = 1 << 22

const kindCount = Math.max(...Object.values(recordKind)) + 1

/** Where records of executions, forks and exits have the pid, whatever else they contain. */
const { ExecRecord, ForkRecord, Identity } = processRecords(basicContent)
const pidInKey = ProcessKey.field('pid').offset
const executedPid = ExecRecord.field('identity').offset + Identity.field('key').offset + pidInKey
const forkedPid = ForkRecord.field('identity').offset + Identity.field('key').offset + pidInKey
const endedPid = ExitRecord.field('key').offset + pidInKey

/** How often to look how full the ring is, in records: a power of two. */
const lookEvery = 1 << 8

/** Ring → records → events → sink, in one thread. */
export class Pipeline {
  readonly #ring: RingBufferReader
  readonly #context: EventContext
  readonly #tap: EventTap
  readonly #sink: Sink
  readonly #counters: Counters
  readonly #processEvents: ProcessEvents
  readonly #hookEvents: HookEvents
  readonly #throttleEvents: ThrottleEvents
  readonly #reconciliation: Reconciliation
  /** Of the ring, except while held records are replayed. */
  #words: Uint32Array
  readonly #bytesOfRing: Uint8Array
  /** Whether hook records are skipped, so that process records find room in the ring. */
  #sheds = false
  #shed = 0
  #records = 0
  /** By kind. */
  readonly #kinds = new Float64Array(kindCount)
  #peak = 0
  /** Records that were read, those that are held back included. */
  read = 0
  /** Whether the last read ended early, for the sink. */
  #stopped = false
  readonly #latencies: Latencies | undefined
  #bytes = 0
  /** Events that were made before the buffer was emptied last. */
  #eventsBefore = 0

  /**
   * @param tap gets all events, those that are not exported as well
   * @param latencies gets how long each record took, if somebody wants to know
   */
  constructor(
    ring: RingBufferReader,
    context: EventContext,
    tap: EventTap,
    sink: Sink,
    counters: Counters,
    latencies?: Latencies,
  ) {
    const { bytes } = ring
    const memory = recordMemory(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#ring = ring
    this.#context = context
    this.#tap = tap
    this.#sink = sink
    this.#counters = counters
    this.#latencies = latencies
    this.#processEvents = new ProcessEvents(context, memory)
    this.#hookEvents = new HookEvents(context, memory)
    this.#throttleEvents = new ThrottleEvents(context, memory)
    this.#words = memory.words
    this.#bytesOfRing = memory.bytes
    const { lostExit } = this.#processEvents
    this.#reconciliation = new Reconciliation(context.cache, ring, (process) => {
      this.#hookEvents.processEnded(process.pid)
      lostExit(process)
    })
  }

  /** Starts the stream of events; call it before anything else. @throws SinkClosed */
  begin(): void {
    this.#processEvents.begin()
    this.#flush()
  }

  /** All processes that ran before the agent were read by now. */
  discovered(): void {
    this.#processEvents.foundRunning(this.#replay)
    this.#flush()
  }

  /** Records about processes were lost: finds those that ended. */
  reconcile(live: LiveProcesses): void {
    this.#reconciliation.request(live)
  }

  /** JSON of all live processes and of those that they descend from. */
  knownProcesses(): KnownProcess[] {
    const { out, cache, clock } = this.#context
    const live = new Set(cache.live)
    const known = new Set(live)
    for (const { parent } of known) if (parent) known.add(parent)
    return [...known].map((process) => {
      writeProcess(out, process, clock, true)
      const json = Buffer.from(out.latin1Since(0), 'latin1').toString('utf8')
      out.clear()
      return { json, references: process.references, isLive: live.has(process) }
    })
  }

  /** Events by their labels, how long records took; empty where nobody wanted that counted. */
  totals(): PipelineTotals {
    const { counts, cache } = this.#context
    return {
      events: counts?.totals(cache.live, Date.now()),
      latencies: this.#latencies?.totals() ?? [],
    }
  }

  /** Events of policies; told of their hooks before these are hit. */
  get hooks(): HookEvents {
    return this.#hookEvents
  }

  /**
   * Turns what is in the ring into events and hands them to the sink.
   * @param limit records at most; the caller looks after the sink and commands in between
   * @returns whether there may be more in the ring
   * @throws SinkClosed
   */
  drain(limit: number): boolean {
    const { pending } = this.#ring
    if (pending > this.#peak) this.#peak = pending
    this.#counters.set('ringPending', pending)
    this.#counters.set('ringPeak', this.#peak)
    this.#lookAtRing()
    this.#stopped = false
    const read = this.#ring.read(this.#handler, limit)
    this.read += read
    this.#throttleEvents.end()
    this.#reconciliation.step()
    this.#flush()
    return read === limit || this.#stopped
  }

  get #handler() {
    if (this.#processEvents.holds) return this.#hold
    return this.#latencies === undefined ? this.#onRecord : this.#onTimedRecord
  }

  /**
   * Hook records keep out of the last quarter of the ring. If the reader falls so far behind that
   * process records fill half of that quarter, it skips hook records until half of the ring is
   * free: skipping one takes a fiftieth of the time that its event takes.
   */
  #lookAtRing(): void {
    const { pending, size } = this.#ring
    if (this.#sheds) this.#sheds = pending > size / 2
    else this.#sheds = pending > (size * 7) / 8
  }

  /** Until the running processes are known: see `ProcessEvents.hold`. */
  readonly #hold = (offset: number, length: number): void => {
    const kind = kindOf(this.#words[offset >>> 2])
    if (!heldKinds.has(kind) || !this.#processEvents.holds) return this.#onRecord(offset, length)
    const pidAt = kind === recordKind.exec ? executedPid : forkedPid
    const introduces = kind === recordKind.exec || kind === recordKind.fork
    const pid = introduces ? this.#words[(offset + pidAt) >>> 2] : undefined
    const record = this.#bytesOfRing.subarray(offset, offset + length)
    this.#processEvents.hold(record, pid, this.#replay)
  }

  /** Handles a record that was held back. */
  readonly #replay = (offset: number): void => {
    const words = this.#words
    this.#words = this.#processEvents.memory.words
    this.#onRecord(offset, 0)
    this.#words = words
  }

  readonly #onRecord = (offset: number, length: number): void => {
    if ((++this.#records & (lookEvery - 1)) === 0) this.#lookAtRing()
    const kind = kindOf(this.#words[offset >>> 2])
    this.#kinds[kind]++
    switch (kind) {
      case recordKind.exec:
        this.#processEvents.exec(offset)
        this.#hookEvents.processExecuted(this.#words[(offset + executedPid) >>> 2])
        break
      case recordKind.fork:
        this.#processEvents.fork(offset)
        break
      case recordKind.exit:
        this.#hookEvents.processEnded(this.#words[(offset + endedPid) >>> 2])
        this.#processEvents.exit(offset)
        break
      case recordKind.running:
        this.#processEvents.running(offset)
        break
      case recordKind.group:
        this.#processEvents.group(offset)
        break
      case recordKind.data:
        this.#processEvents.data(offset)
        break
      case recordKind.hookPiece:
        if (!this.#sheds) this.#hookEvents.piece(offset)
        break
      case recordKind.hook:
        if (this.#sheds) this.#shed++
        else this.#hookEvents.record(offset, length)
        break
      case recordKind.unlisted:
        this.#hookEvents.processEnded(this.#words[(offset + endedPid) >>> 2])
        this.#processEvents.unlisted(offset)
        break
      case recordKind.throttle:
        this.#throttleEvents.record(offset)
        break
      case recordKind.forget:
        this.#hookEvents.processEnded(this.#words[(offset + endedPid) >>> 2])
        this.#processEvents.forget(offset)
        break
    }
    const { out, stage } = this.#context
    if (out.length >= flushAt || (stage !== undefined && stage.copied >= flushAt)) {
      this.#flush()
      if (this.#sink.queuedBytes >= stopAt) this.#stop()
    }
  }

  /** The sink has so much that it should get its turn. */
  #stop(): void {
    this.#stopped = true
    this.#ring.stop()
  }

  readonly #onTimedRecord = (offset: number, length: number): void => {
    const kind = kindOf(this.#words[offset >>> 2])
    const began = performance.now()
    this.#onRecord(offset, length)
    this.#latencies?.add(kind, performance.now() - began)
  }

  /** Milliseconds until something is to be written, whatever happens: then drain. */
  get rest(): number {
    const exported = this.#context.stage?.rest ?? Number.POSITIVE_INFINITY
    return Math.min(exported, this.#throttleEvents.rest, this.#reconciliation.rest)
  }

  /** Tells what was left out of the export and not told yet. */
  finish(): void {
    this.#hookEvents.finish()
    this.#context.stage?.finish()
    this.#flush()
  }

  #export(events: number): void {
    const { out, stage } = this.#context
    const { bytes, length, lines } = stage
      ? stage.take()
      : { bytes: out.bytes, length: out.length, lines: events - this.#eventsBefore }
    this.#eventsBefore = events
    if (length === 0) return
    this.#sink.write(bytes, length, lines)
  }

  #flush(): void {
    const { out, cache } = this.#context
    const counters = this.#counters
    const throttled = this.#throttleEvents.written
    const events = this.#processEvents.written + this.#hookEvents.written + throttled
    if (out.length > 0) {
      this.#tap.write(out.bytes, out.length)
      this.#bytes += out.length
    }
    this.#export(events)
    out.clear()
    this.countExported()
    counters.set('records', this.#records)
    const kinds = this.#kinds
    counters.set('execRecords', kinds[recordKind.exec] + kinds[recordKind.running])
    counters.set('forkRecords', kinds[recordKind.fork])
    counters.set('exitRecords', kinds[recordKind.exit])
    counters.set('hookRecords', kinds[recordKind.hook])
    counters.set('dataRecords', kinds[recordKind.data] + kinds[recordKind.hookPiece])
    counters.set('events', events)
    counters.set('bytes', this.#bytes)
    counters.set('exportRateLimited', this.#context.stage?.rateLimited ?? 0)
    counters.set('unknownHooks', this.#hookEvents.unknown)
    counters.set('returnsLost', this.#hookEvents.returnsLost)
    counters.set('undecided', this.#hookEvents.undecided)
    counters.set('requestsDropped', this.#hookEvents.requestsDropped)
    counters.set('unknownProcesses', this.#hookEvents.unknownProcesses)
    counters.set('staleProcesses', this.#hookEvents.staleProcesses)
    counters.set('piecesWaiting', this.#processEvents.pieces.size)
    counters.set('piecesEvicted', this.#processEvents.pieces.evicted)
    counters.set('unknownExits', this.#processEvents.unknownExits)
    counters.set('lostExits', this.#processEvents.lostExits)
    counters.set('hooksShed', this.#shed)
    counters.set('liveProcesses', cache.liveCount)
    counters.set('rememberedProcesses', cache.size)
  }

  /** Shows what the sink has written and lost. */
  countExported(): void {
    const counters = this.#counters
    const { writtenEvents, writtenBytes, lostEvents, queuedBytes } = this.#sink
    if (writtenEvents !== counters.get('exported')) counters.set('exportedAt', Date.now() / 1000)
    counters.set('exported', writtenEvents)
    counters.set('exportedBytes', writtenBytes)
    counters.set('exportQueued', queuedBytes)
    counters.set('sinkLost', lostEvents)
  }
}
