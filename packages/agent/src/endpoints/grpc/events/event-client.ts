import {
  type AggregationOptions,
  type CompiledFilters,
  type CompiledParts,
  codecOf,
  compileFieldFilters,
  compileFilterLists,
  type Event,
  type GetEventsRequest,
  GetEventsResponse,
  type Process,
} from '@tetragon-ts/api'
import { framed } from '../../../reader/outputs/framing.ts'
import { Aggregator } from './aggregator.ts'
import { ClientQueue, type QueueLimits } from './client-queue.ts'
import type { EventTaker } from './event-hub.ts'
import type { FrameBatch } from './frame-batch.ts'
import type { StreamedEvent } from './streamed-event.ts'

const codec = codecOf(GetEventsResponse)

/** Approximate number of bytes per write. */
const batchSize = 2 ** 16

/** Destination of a client's messages. */
export interface ClientPort {
  /** @returns false if it is full; `onDrain` is called when it accepts more */
  write(messages: FrameBatch): boolean
}

/** One stream of events: its filters and its queue. It delays no other stream. */
export class EventClient implements EventTaker {
  readonly #port: ClientPort
  readonly #queue: ClientQueue
  readonly #nodeName: string
  readonly #filters: CompiledFilters | undefined
  readonly #select: ((event: Event) => GetEventsResponse) | undefined
  readonly #aggregator: Aggregator | undefined
  #blocked = false
  #isClosed = false
  /** Whether the queue will be written after the current batch. */
  #isWriting = false
  /** Lost events since the start. */
  lost = 0

  /**
   * @param parts result of prepareFilters for the request
   * @throws FilterError, RegExpError, LabelSelectorError, FieldPathError, RequestError
   */
  constructor(
    request: GetEventsRequest,
    port: ClientPort,
    limits: QueueLimits,
    nodeName: string,
    parts?: CompiledParts,
  ) {
    const { allow_list = [], deny_list = [], field_filters = [], aggregation_options } = request
    const isFiltered = allow_list.length > 0 || deny_list.length > 0
    this.#filters = isFiltered ? compileFilterLists(allow_list, deny_list, parts) : undefined
    this.#select = field_filters.length > 0 ? compileFieldFilters(field_filters) : undefined
    if (isRequested(aggregation_options)) {
      this.#aggregator = new Aggregator(aggregation_options, (frame) => this.#sendFrame(frame))
    }
    this.#queue = new ClientQueue(limits)
    this.#port = port
    this.#nodeName = nodeName
  }

  /** Receives the running processes; undefined if the filters do not need them. */
  get addRunning(): ((processes: readonly Process[]) => void) | undefined {
    return this.#filters?.addRunning
  }

  /** Whether it does not read and its queue is filled to a good part. */
  get isBehind(): boolean {
    return this.#blocked && this.#queue.isHalfFull
  }

  /** Handles an event. */
  offer(event: StreamedEvent): void {
    if (this.#filters !== undefined && !this.#filters.match(event.subject)) return
    const frame = this.#select && framed(codec.encode(this.#select(event.event)))
    if (this.#aggregator) this.#aggregator.add(event, frame ?? event.copy)
    else if (frame) this.#sendFrame(frame)
    else if (this.#filters) this.#sendFrame(event.copy)
    else this.#send(event.bytes, event.from, event.to)
  }

  #sendFrame(frame: Buffer): void {
    this.#send(frame, 0, frame.length)
  }

  #send(bytes: Buffer, from: number, to: number): void {
    if (!this.#queue.push(bytes, from, to)) {
      // One batch may exceed the queue: that is no reason to drop it.
      this.#write()
      if (!this.#queue.push(bytes, from, to)) {
        this.#queue.addLost(1)
        this.lost++
      }
    }
    if (this.#isWriting || this.#blocked) return
    this.#isWriting = true
    queueMicrotask(this.#write)
  }

  /** Events were lost before they reached the client. */
  addLost(count: number): void {
    this.lost += count
    this.#queue.addLost(count)
    this.#reportLost()
    this.#write()
  }

  /** The port accepts messages again. */
  onDrain(): void {
    this.#blocked = false
    this.#reportLost()
    this.#write()
  }

  readonly #write = (): void => {
    this.#isWriting = false
    while (!this.#blocked && !this.#isClosed) {
      const batch = this.#queue.take(batchSize)
      if (batch === undefined) return
      this.#blocked = !this.#port.write(batch)
      this.#reportLost()
    }
  }

  /** Number of queued events. */
  get waiting(): number {
    return this.#queue.length
  }

  /** Ends the stream. */
  close(): void {
    this.#isClosed = true
    this.#aggregator?.close()
  }

  /** Adds a notice after the messages from before the loss. */
  #reportLost(): void {
    const lost = this.#queue.takeLost()
    if (lost === 0) return
    const notice = framed(
      codec.encode({
        rate_limit_info: { number_of_dropped_process_events: lost },
        node_name: this.#nodeName,
        time: new Date().toISOString(),
      }),
    )
    this.#queue.append(notice, 0, notice.length)
  }
}

/** Without a window, events are not aggregated. */
function isRequested(options: AggregationOptions | undefined): options is AggregationOptions {
  return options?.window_size !== undefined && options.window_size !== '0s'
}
