import {
  type AggregationOptions,
  codecOf,
  type Event,
  type GetEventsRequest,
  GetEventsResponse,
  type Process,
} from '@tetragon-ts/api'
import {
  addCounts,
  type ClassCounts,
  type EventClass,
  noCounts,
  sumOf,
} from '@tetragon-ts/outputs/queue'
import {
  type CompiledFilters,
  type CompiledParts,
  compileFieldFilters,
  compileFilterLists,
} from '@tetragon-ts/policy/filters'
import { framed } from '../../../reader/outputs/framing.ts'
import { Aggregator } from './aggregator.ts'
import { ClientQueue, type FrameBatch, type QueueLimits } from './client-queue.ts'
import type { EventTaker } from './event-hub.ts'
import { OwnEvents } from './own-events.ts'
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
  readonly #own: OwnEvents | undefined
  #blocked = false
  #isClosed = false
  /** Whether the queue will be written after the current batch. */
  #isWriting = false
  readonly #lost = noCounts()
  #ownCount = 0
  #onRead = (): void => {}

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
      this.#aggregator = new Aggregator(aggregation_options, this.#sendFrame)
    }
    this.#own = OwnEvents.of(request.receiver)
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
    return this.#blocked && this.#queue.isCrowded
  }

  /** Lost events since the start, by class. */
  get lost(): ClassCounts {
    return this.#lost
  }

  /** Events that its process caused, which were not sent. */
  get own(): number {
    return this.#ownCount
  }

  /**
   * Handles an event.
   * @param isLive whether the receiver may have caused it
   */
  offer(event: StreamedEvent, isLive = true): void {
    if (this.#filters !== undefined && !this.#filters.match(event.subject)) return
    if (isLive && this.#own?.has(event)) {
      this.#ownCount++
      return
    }
    const select = this.#select
    const frame = () => (select ? framed(codec.encode(select(event.event))) : event.copy)
    if (this.#aggregator) this.#aggregator.add(event, frame)
    else if (select) this.#sendFrame(frame(), event.eventClass)
    else this.#send(event)
  }

  readonly #sendFrame = (frame: Buffer, of: EventClass): void => {
    this.#enqueue(of, () => this.#queue.push(frame, 0, frame.length, of))
  }

  #send({ bytes, from, to, eventClass: of }: StreamedEvent): void {
    this.#enqueue(of, () =>
      this.#filters
        ? this.#queue.pushCopy(bytes, from, to, of)
        : this.#queue.push(bytes, from, to, of),
    )
  }

  /** @param push appends the message, or returns false */
  #enqueue(of: EventClass, push: () => boolean): void {
    if (!push()) {
      // One batch may exceed the queue: that is not a reason to drop it.
      this.#write()
      if (!push()) {
        this.#queue.lose(of)
        this.#lost[of]++
      }
    }
    if (this.#isWriting || this.#blocked) return
    this.#isWriting = true
    queueMicrotask(this.#write)
  }

  /** Events were lost before they reached the client. */
  addLost(counts: ClassCounts): void {
    addCounts(this.#lost, counts)
    this.#queue.addLost(sumOf(counts))
    this.#reportLost()
    this.#write()
  }

  /** Sends a message that is not an event. */
  notify(frame: Buffer): void {
    this.#queue.appendNotice(frame)
    this.#write()
  }

  /** Fulfilled when it accepts more events, or is closed. */
  async accepts(): Promise<void> {
    while (this.isBehind && !this.#isClosed) {
      await new Promise<void>((resolve) => {
        this.#onRead = resolve
      })
    }
  }

  /** Fulfilled when all events were written, also aggregated ones, or it is closed. */
  async emptied(): Promise<void> {
    this.#aggregator?.flush()
    for (this.#write(); this.waiting > 0 && !this.#isClosed; this.#write()) {
      await new Promise<void>((resolve) => {
        this.#onRead = resolve
      })
    }
  }

  /** The port accepts messages again. */
  onDrain(): void {
    this.#blocked = false
    this.#reportLost()
    this.#write()
    this.#onRead()
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
    this.#onRead()
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
    this.#queue.appendNotice(notice)
  }
}

/** Without a window, events are not aggregated. */
function isRequested(options: AggregationOptions | undefined): options is AggregationOptions {
  return options?.window_size !== undefined && options.window_size !== '0s'
}
