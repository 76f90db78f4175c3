import {
  type AggregationOptions,
  type CompiledFilters,
  codecOf,
  compileFieldFilters,
  compileFilterLists,
  type Event,
  type GetEventsRequest,
  GetEventsResponse,
  type Process,
} from '@tetragon-ts/api'
import { Aggregator } from './aggregator.ts'
import { ClientQueue, type QueueLimits } from './client-queue.ts'
import type { StreamedEvent } from './streamed-event.ts'

const codec = codecOf(GetEventsResponse)

/** Where a client's messages go. */
export interface ClientPort {
  /** @returns false if it has enough for now; `onDrain` is called when it takes more */
  write(message: Buffer): boolean
}

/** One stream of events: its filters and what waits for it. It delays nobody but itself. */
export class EventClient {
  readonly #port: ClientPort
  readonly #queue: ClientQueue
  readonly #nodeName: string
  readonly #filters: CompiledFilters | undefined
  readonly #select: ((event: Event) => GetEventsResponse) | undefined
  readonly #aggregator: Aggregator | undefined
  #blocked = false
  /** Events that it missed, since the begin. */
  lost = 0

  /** @throws FilterError, RegExpError, LabelSelectorError, FieldPathError, RequestError */
  constructor(request: GetEventsRequest, port: ClientPort, limits: QueueLimits, nodeName: string) {
    const { allow_list = [], deny_list = [], field_filters = [], aggregation_options } = request
    const isFiltered = allow_list.length > 0 || deny_list.length > 0
    this.#filters = isFiltered ? compileFilterLists(allow_list, deny_list) : undefined
    this.#select = field_filters.length > 0 ? compileFieldFilters(field_filters) : undefined
    if (isAsked(aggregation_options)) {
      this.#aggregator = new Aggregator(aggregation_options, (message) => this.#send(message))
    }
    this.#queue = new ClientQueue(limits)
    this.#port = port
    this.#nodeName = nodeName
  }

  /** Takes in processes that run already; undefined if it does not care. */
  get addRunning(): ((processes: readonly Process[]) => void) | undefined {
    return this.#filters?.addRunning
  }

  /** An event happened. */
  offer(event: StreamedEvent): void {
    if (this.#filters !== undefined && !this.#filters.match(event.subject)) return
    const message = this.#select ? codec.encode(this.#select(event.event)) : event.bytes
    if (this.#aggregator) this.#aggregator.add(event, message)
    else this.#send(message)
  }

  #send(message: Buffer): void {
    // Nothing waits: no need to queue.
    if (!this.#blocked && this.#queue.length === 0) this.#blocked = !this.#port.write(message)
    else if (!this.#queue.push(message)) this.lost++
  }

  /** Events were lost before anybody could look at them. */
  addLost(count: number): void {
    this.lost += count
    this.#queue.addLost(count)
    this.#tellLost()
  }

  /** The port takes messages again. */
  onDrain(): void {
    this.#blocked = false
    this.#tellLost()
    while (!this.#blocked) {
      const message = this.#queue.shift()
      if (message === undefined) return
      this.#blocked = !this.#port.write(message)
      this.#tellLost()
    }
  }

  /** It receives nothing any more. */
  close(): void {
    this.#aggregator?.close()
  }

  /** Puts a notice behind what was there before the loss. */
  #tellLost(): void {
    const lost = this.#queue.takeLost()
    if (lost === 0) return
    const notice = codec.encode({
      rate_limit_info: { number_of_dropped_process_events: lost },
      node_name: this.#nodeName,
      time: new Date().toISOString(),
    })
    if (!this.#blocked && this.#queue.length === 0) this.#blocked = !this.#port.write(notice)
    else this.#queue.append(notice)
  }
}

/** Without a window there is nothing to aggregate. */
function isAsked(options: AggregationOptions | undefined): options is AggregationOptions {
  return options?.window_size !== undefined && options.window_size !== '0s'
}
