import { recordMemory } from '@tetragon-ts/ebpf/records'
import type { RingBufferReader } from '@tetragon-ts/ebpf/ringbuf'
import {
  ExecRecord,
  ExitRecord,
  Identity,
  ProcessKey,
  recordKind,
} from '../sensors/process/records.ts'
import type { Counters } from './counters.ts'
import { HookEvents } from './hook-events.ts'
import { type EventContext, ProcessEvents } from './process-events.ts'
import { writeProcess } from './process-json.ts'
import type { EventTap } from './sinks/event-tap.ts'
import type { Sink } from './sinks/sink.ts'
import type { KnownProcess } from './worker.ts'

/** Bytes of events that are collected before they are written within one batch. */
const flushAt = 1 << 18

/** Where the records of executions and exits have the pid. */
const pidInKey = ProcessKey.field('pid').offset
const executedPid = ExecRecord.field('identity').offset + Identity.field('key').offset + pidInKey
const endedPid = ExitRecord.field('key').offset + pidInKey

/** Ring → records → events → sink, in one thread. */
export class Pipeline {
  readonly #ring: RingBufferReader
  readonly #context: EventContext
  readonly #tap: EventTap
  readonly #sink: Sink
  readonly #counters: Counters
  readonly #processEvents: ProcessEvents
  readonly #hookEvents: HookEvents
  readonly #words: Uint32Array
  #records = 0
  #bytes = 0
  /** Events that were made before the buffer was emptied last. */
  #eventsBefore = 0

  /** @param tap gets all events, those that are not exported as well */
  constructor(
    ring: RingBufferReader,
    context: EventContext,
    tap: EventTap,
    sink: Sink,
    counters: Counters,
  ) {
    const { bytes } = ring
    const memory = recordMemory(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#ring = ring
    this.#context = context
    this.#tap = tap
    this.#sink = sink
    this.#counters = counters
    this.#processEvents = new ProcessEvents(context, memory)
    this.#hookEvents = new HookEvents(context, memory)
    this.#words = memory.words
  }

  /** All processes that ran before the agent are in the ring by now. */
  takenIn(): void {
    this.drain()
    this.#processEvents.takenIn()
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

  /** Events of policies; told of their hooks before these are hit. */
  get hooks(): HookEvents {
    return this.#hookEvents
  }

  /**
   * Turns everything in the ring into events and writes them.
   * @throws SinkClosed
   */
  drain(): void {
    this.#ring.read(this.#onRecord)
    this.#flush()
  }

  readonly #onRecord = (offset: number, length: number): void => {
    this.#records++
    switch (this.#words[offset >>> 2]) {
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
      case recordKind.data:
        this.#processEvents.data(offset)
        break
      case recordKind.hookPiece:
        this.#hookEvents.piece(offset)
        break
      case recordKind.hook:
        this.#hookEvents.record(offset, length)
        break
    }
    if (this.#context.out.length >= flushAt) this.#flush()
  }

  #flush(): void {
    const { out, cache } = this.#context
    const counters = this.#counters
    const events = this.#processEvents.written + this.#hookEvents.written
    if (out.length > 0) {
      this.#tap.write(out.bytes, out.length)
      this.#sink.write(out.bytes, out.length, events - this.#eventsBefore)
      this.#eventsBefore = events
      counters.set('exportedAt', Date.now() / 1000)
      this.#bytes += out.length
      out.clear()
    }
    counters.set('records', this.#records)
    counters.set('events', events)
    counters.set('bytes', this.#bytes)
    counters.set('exported', this.#sink.writtenEvents)
    counters.set('exportedBytes', this.#sink.writtenBytes)
    counters.set('sinkLost', this.#sink.lostEvents)
    counters.set('unknownHooks', this.#hookEvents.unknown)
    counters.set('returnsLost', this.#hookEvents.returnsLost)
    counters.set('requestsDropped', this.#hookEvents.requestsDropped)
    counters.set('unknownExits', this.#processEvents.unknownExits)
    counters.set('liveProcesses', cache.liveCount)
    counters.set('rememberedProcesses', cache.size)
  }
}
