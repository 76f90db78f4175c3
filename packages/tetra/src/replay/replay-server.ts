import { once } from 'node:events'
import { type ServerWritableStream, status } from '@grpc/grpc-js'
import {
  codecOf,
  type Event,
  FineGuidanceSensors,
  type GetEventsRequest,
  GetEventsResponse,
  serviceDefinition,
} from '@tetragon-ts/api'
import {
  compileFieldFilters,
  compileFilterLists,
  filterSubject,
  prepareFilters,
} from '@tetragon-ts/policy/filters'
import type { ListenAddress, PlaceSocket } from '@tetragon-ts/service/listen'
import { GrpcListener } from '@tetragon-ts/service/listen/grpc'
import { readDecoded } from '../recorded/decoded-events.ts'
import { type Recording, ReplaySummary } from './recording.ts'

const codec = codecOf(GetEventsResponse)

type Call = ServerWritableStream<GetEventsRequest, Uint8Array>

/** Receives what happens to clients. */
export interface ReplayObserver {
  /** A client has received everything, or has left. */
  ended(summary: ReplaySummary): void
}

/**
 * Serves a recording like an agent: each client that asks for events gets all of them from the
 * beginning, with its own filters.
 */
export class ReplayServer {
  readonly #listener = new GrpcListener()
  readonly #recording: Recording
  readonly #observer: ReplayObserver
  readonly #end = new AbortController()

  private constructor(recording: Recording, version: string, observer: ReplayObserver) {
    this.#recording = recording
    this.#observer = observer
    this.#listener.add(serviceDefinition(FineGuidanceSensors, ['GetEvents']), {
      GetEvents: (call: Call) => void this.#serve(call),
      GetVersion: (_: unknown, callback: (error: null, answer: object) => void) =>
        callback(null, { version }),
      GetHealth: (_: unknown, callback: (error: null, answer: object) => void) =>
        callback(null, { health_status: [health] }),
    })
  }

  /** @throws Error of the system if it cannot listen at the address */
  static async start(
    recording: Recording,
    version: string,
    observer: ReplayObserver,
    address: ListenAddress,
    placeSocket: PlaceSocket,
  ): Promise<ReplayServer> {
    const server = new ReplayServer(recording, version, observer)
    await server.#listener.listen(address, undefined, placeSocket)
    return server
  }

  /** Ends all replays. */
  async close(): Promise<void> {
    this.#end.abort()
    await this.#listener.close()
  }

  async #serve(call: Call): Promise<void> {
    const summary = new ReplaySummary()
    const gone = new AbortController()
    for (const end of ['cancelled', 'close', 'error']) call.on(end, () => gone.abort())
    const signal = AbortSignal.any([gone.signal, this.#end.signal])
    try {
      const { matches, encode } = await choiceOf(call.request)
      for await (const events of this.#recording.play(readDecoded, summary.problems, signal)) {
        for (const { event, bytes } of events) {
          if (signal.aborted) break
          if (!matches(event)) continue
          summary.events++
          if (!call.write(encode?.(event) ?? bytes)) await once(call, 'drain', { signal })
        }
      }
      call.end()
    } catch (error) {
      if (signal.aborted) call.end()
      else call.emit('error', { code: status.INVALID_ARGUMENT, details: (error as Error).message })
    }
    this.#observer.ended(summary)
  }
}

const health = {
  event: 'HEALTH_STATUS_TYPE_STATUS',
  status: 'HEALTH_STATUS_RUNNING',
  details: 'replays recorded events',
}

/** Which events a client gets, and their form if it is not the recorded one. @throws FilterError */
async function choiceOf({
  allow_list = [],
  deny_list = [],
  field_filters = [],
  aggregation_options,
}: GetEventsRequest): Promise<{
  matches(event: Event): boolean
  readonly encode: ((event: Event) => Uint8Array) | undefined
}> {
  if (aggregation_options?.window_size) throw new Error('recorded events are not aggregated')
  const parts = await prepareFilters([...allow_list, ...deny_list])
  const { match } = compileFilterLists(allow_list, deny_list, parts)
  const select = field_filters.length > 0 ? compileFieldFilters(field_filters) : undefined
  return {
    matches: (event) => match(filterSubject(event)),
    encode: select && ((event) => codec.encode(select(event))),
  }
}
