import { Metadata, type ServerWritableStream } from '@grpc/grpc-js'
import { type GetEventsRequest, type Process, prepareFilters, requestSize } from '@tetragon-ts/api'
import { missingFieldReason } from '../../../reader/export/missing-fields.ts'
import { RequestError } from '../../../request-error.ts'
import type { QueueLimits } from '../events/client-queue.ts'
import { EventClient } from '../events/event-client.ts'
import { EventHub, type EventTaker } from '../events/event-hub.ts'
import type { FrameBatch } from '../events/frame-batch.ts'
import type { EventSubscription, ServerHost } from '../server-host.ts'
import { statusOf } from '../status.ts'

/** Bytes that wait for one client at most. */
const queueBytes = 2 ** 25

/** Of all streams together, as requestSize gives it: some 80 MB. */
const filterSizeMax = 131_072

/** Each is asked about each event. */
const streamsMax = 1024

type Call = ServerWritableStream<GetEventsRequest, FrameBatch>

/** What is on its way to clients. */
export interface ClientStatistics {
  readonly clients: number
  /** Events that wait for them. */
  readonly waiting: number
  /** Events that they were too slow for, since the start; clients that are gone included. */
  readonly lost: number
}

/** GetEvents: all streams of events that are open. */
export class EventStreams {
  readonly #host: ServerHost
  readonly #hub: EventHub
  readonly #limits: QueueLimits
  readonly #calls = new Map<Call, EventClient>()
  /** By clients that are gone. */
  #lostBefore = 0
  #failures = 0
  /** Of all streams, as requestSize gives it. */
  #filterSize = 0
  #openCalls = 0

  /** @param queueSize events that wait for one client at most */
  constructor(host: ServerHost, queueSize: number) {
    this.#host = host
    this.#limits = { events: queueSize, bytes: queueBytes }
    this.#hub = new EventHub(host.events, (error) => {
      // One message is enough to find the fault; an agent under load could write thousands.
      if (this.#failures++ === 0) host.log.error(`send event: ${(error as Error).message}`)
    })
  }

  /** What is on its way to clients. */
  statistics(): ClientStatistics {
    let waiting = 0
    let lost = this.#lostBefore
    for (const client of this.#calls.values()) {
      waiting += client.waiting
      lost += client.lost
    }
    return { clients: this.#calls.size, waiting, lost }
  }

  /** Open streams. */
  get count(): number {
    return this.#calls.size
  }

  readonly handle = async (call: Call): Promise<void> => {
    const { log, nodeName, eventDetail } = this.#host
    const { allow_list = [], deny_list = [] } = call.request
    let client: EventClient
    try {
      this.#reserve(call)
      const parts = await prepareFilters([...allow_list, ...deny_list])
      client = new EventClient(call.request, call, this.#limits, nodeName, parts)
      const reason = missingFieldReason([...allow_list, ...deny_list], eventDetail, 'stream')
      if (reason !== undefined) throw new RequestError('refused', reason)
    } catch (error) {
      call.emit('error', statusOf(error))
      return
    }
    if (call.cancelled) return
    const peer = peerOf(call)
    const subscription = this.#hub.add(client)
    this.#calls.set(call, client)
    log.debug(`client ${peer} receives events`)
    // The client learns that it is connected when nothing that happens will escape it any more.
    subscription.begun
      .then(async () => client.addRunning?.(await this.#running()))
      .catch((error: Error) => log.warning(`list processes for pid_set: ${error.message}`))
      .then(() => {
        if (this.#calls.has(call)) call.sendMetadata(new Metadata())
      })
    call.on('drain', () => {
      client.onDrain()
      subscription.resume()
    })
    const end = (): void => {
      if (!this.#calls.delete(call)) return
      this.#lostBefore += client.lost
      subscription.close()
      log.debug(`client ${peer} left`)
      if (client.lost > 0) log.warning(`client ${peer} was too slow for ${client.lost} events`)
    }
    call.on('cancelled', end)
    call.on('close', end)
    call.on('error', end)
  }

  /**
   * Sets aside what the filters of a stream take until it ends. @throws FilterError, RequestError
   */
  #reserve(call: Call): void {
    if (this.#openCalls >= streamsMax) {
      throw new RequestError('exhausted', `get events: ${streamsMax} streams are open; end others`)
    }
    const size = requestSize(call.request)
    if (this.#filterSize + size > filterSizeMax) {
      const reason = 'the filters of all streams together have become too large'
      throw new RequestError('exhausted', `compile filters: ${reason}; end other streams`)
    }
    this.#filterSize += size
    this.#openCalls++
    let isOpen = true
    const release = (): void => {
      if (!isOpen) return
      isOpen = false
      this.#filterSize -= size
      this.#openCalls--
    }
    for (const end of ['cancelled', 'close', 'error']) call.on(end, release)
  }

  /** Passes all events to a part of the agent itself. */
  subscribe(taker: EventTaker): EventSubscription {
    return this.#hub.add(taker)
  }

  async #running(): Promise<Process[]> {
    const processes = await this.#host.processes({})
    return processes.flatMap(({ process }) => process ?? [])
  }

  /** Ends all streams: clients may connect again. */
  close(): void {
    for (const call of this.#calls.keys()) call.end()
  }
}

/** Who it is, for the log; a socket's clients have no address. */
function peerOf(call: Call): string {
  const peer = call.getPeer()
  return peer === 'unknown' ? 'of the socket' : peer
}
