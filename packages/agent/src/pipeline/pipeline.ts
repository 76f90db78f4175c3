import { recordMemory } from '@tetragon-ts/ebpf/records'
import type { RingBufferReader } from '@tetragon-ts/ebpf/ringbuf'
import { recordKind } from '../sensors/process/records.ts'
import type { Counters } from './counters.ts'
import { type EventContext, ProcessEvents } from './process-events.ts'
import type { Sink } from './sinks/sink.ts'

/** Bytes of events that are collected before they are written within one batch. */
const flushAt = 1 << 18

/** Ring → records → events → sink, in one thread. */
export class Pipeline {
  readonly #ring: RingBufferReader
  readonly #context: EventContext
  readonly #sink: Sink
  readonly #counters: Counters
  readonly #processEvents: ProcessEvents
  readonly #words: Uint32Array
  #records = 0
  #bytes = 0

  constructor(ring: RingBufferReader, context: EventContext, sink: Sink, counters: Counters) {
    const { bytes } = ring
    const memory = recordMemory(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#ring = ring
    this.#context = context
    this.#sink = sink
    this.#counters = counters
    this.#processEvents = new ProcessEvents(context, memory)
    this.#words = memory.words
  }

  /** All processes that ran before the agent are in the ring by now. */
  takenIn(): void {
    this.drain()
    this.#processEvents.takenIn()
  }

  /**
   * Turns everything in the ring into events and writes them.
   * @throws SinkClosed
   */
  drain(): void {
    this.#ring.read(this.#onRecord)
    this.#flush()
  }

  readonly #onRecord = (offset: number): void => {
    this.#records++
    switch (this.#words[offset >>> 2]) {
      case recordKind.exec:
        this.#processEvents.exec(offset)
        break
      case recordKind.fork:
        this.#processEvents.fork(offset)
        break
      case recordKind.exit:
        this.#processEvents.exit(offset)
        break
      case recordKind.running:
        this.#processEvents.running(offset)
        break
      case recordKind.data:
        this.#processEvents.data(offset)
        break
    }
    if (this.#context.out.length >= flushAt) this.#flush()
  }

  #flush(): void {
    const { out, cache } = this.#context
    if (out.length > 0) {
      this.#sink.write(out.bytes, out.length)
      this.#bytes += out.length
      out.clear()
    }
    const counters = this.#counters
    counters.set('records', this.#records)
    counters.set('events', this.#processEvents.written)
    counters.set('bytes', this.#bytes)
    counters.set('sinkLost', this.#sink.lostEvents)
    counters.set('unknownExits', this.#processEvents.unknownExits)
    counters.set('liveProcesses', cache.liveCount)
    counters.set('rememberedProcesses', cache.size)
  }
}
