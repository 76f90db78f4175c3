import { Metadata, type ServerWritableStream } from '@grpc/grpc-js'
import type { GetEventsRequest, Process, QueueFill } from '@tetragon-ts/api'
import { addCounts, noCounts, sumOf } from '@tetragon-ts/outputs/queue'
import { prepareFilters, requestSize } from '@tetragon-ts/policy/filters'
import { Semaphore } from '@tetragon-ts/service/queue'
import { missingFieldReason } from '../../../reader/export/missing-fields.ts'
import { RequestError } from '../../../request-error.ts'
import type { ClientStatistics } from '../../endpoint.ts'
import { statusOf } from '../../listen/status.ts'
import { socketPeer } from '../clients/identify.ts'
import type { FrameBatch, QueueLimits } from '../events/client-queue.ts'
import { EventClient } from '../events/event-client.ts'
import { EventHub, type EventTaker } from '../events/event-hub.ts'
import { PastStream } from '../past/past-stream.ts'
import type { EventSubscription, ServerHost } from '../server-host.ts'

/** Maximum number of bytes that wait for one client. */
const queueBytes = 2 ** 25

/** Limit for all streams, in units of requestSize: some 80 MB. */
const filterSizeMax = 131_072

/** Each stream filters each event. */
const streamsMax = 1024

/** Streams that send the past: each keeps live events, and which events it sent. */
const pastsMax = 64
/** Those of them that read files. */
const readersMax = 4

type Call = ServerWritableStream<GetEventsRequest, FrameBatch>

/** GetEvents: all open event streams. */
export class EventStreams {
  readonly #host: ServerHost
  readonly #hub: EventHub
  readonly #limits: QueueLimits
  readonly #calls = new Map<Call, EventClient>()
  /** Lost by disconnected clients. */
  readonly #lostBefore = noCounts()
  /** Own events of disconnected clients. */
  #ownBefore = 0
  #failures = 0
  /** Total of all streams, in units of requestSize. */
  #filterSize = 0
  #openCalls = 0
  /** Streams that send the past. */
  #pasts = 0
  readonly #readers = new Semaphore(readersMax)

  /** @param queueSize maximum number of events that wait for one client */
  constructor(host: ServerHost, queueSize: number) {
    this.#host = host
    this.#limits = { events: queueSize, bytes: queueBytes }
    this.#hub = new EventHub(host.events, (error) => {
      // One message is enough to find the bug; an agent under load could log thousands.
      if (this.#failures++ === 0) host.log.error(`send event: ${(error as Error).message}`)
    })
  }

  /** Memory used by clients. */
  statistics(): ClientStatistics {
    let waiting = 0
    let own = this.#ownBefore
    const lost = [...this.#lostBefore]
    for (const client of this.#calls.values()) {
      waiting += client.waiting
      own += client.own
      addCounts(lost, client.lost)
    }
    return { clients: this.#calls.size, waiting, lost, own }
  }

  /** The fullest queue of a client. */
  get fullest(): QueueFill {
    const used = [...this.#calls.values()].reduce((max, { waiting }) => Math.max(max, waiting), 0)
    return { name: 'clients', unit: 'events', used, size: this.#limits.events }
  }

  /** Open streams. */
  get count(): number {
    return this.#calls.size
  }

  readonly handle = async (call: Call): Promise<void> => {
    const { log, nodeName, eventDetail } = this.#host
    const { allow_list = [], deny_list = [] } = call.request
    let client: EventClient
    let since: number | undefined
    try {
      since = pastOf(call.request)
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
    const past =
      since === undefined
        ? undefined
        : new PastStream(client, this.#host.past, since, this.#readers)
    let subscription: EventSubscription | undefined
    const subscribe = (): Promise<void> => {
      subscription = this.#hub.add(past ?? client)
      return subscription.begun
    }
    this.#calls.set(call, client)
    log.debug(`client ${peer} receives events`)
    // The client gets headers when it will receive all further events.
    const begun = past ? Promise.resolve() : subscribe()
    begun
      .then(async () => client.addRunning?.(await this.#running()))
      .catch((error: Error) => log.warning(`list processes for pid_set: ${error.message}`))
      .then(() => {
        if (!this.#calls.has(call)) return
        call.sendMetadata(new Metadata())
        if (past) this.#sendPast(call, client, past, subscribe).then(resume)
      })
    const resume = (): void => subscription?.resume()
    call.on('drain', () => {
      client.onDrain()
      resume()
    })
    const end = (): void => {
      if (!this.#calls.delete(call)) return
      addCounts(this.#lostBefore, client.lost)
      this.#ownBefore += client.own
      if (subscription) subscription.close()
      else (past ?? client).close()
      log.debug(`client ${peer} left`)
      const lost = sumOf(client.lost)
      const events = lost === 1 ? 'event' : 'events'
      if (lost > 0) log.warning(`client ${peer} was too slow for ${lost} ${events}`)
    }
    call.on('cancelled', end)
    call.on('close', end)
    call.on('error', end)
  }

  /**
   * Reserves the size of a stream's filters until it ends.
   * @throws FilterError, RequestError
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

  /** Sends the past, and then live events unless only the past is wanted. */
  async #sendPast(
    call: Call,
    client: EventClient,
    past: PastStream,
    subscribe: () => Promise<void>,
  ): Promise<void> {
    const { past_only: isOnlyPast = false } = call.request
    this.#pasts++
    try {
      if (this.#pasts > pastsMax) {
        const reason = `${pastsMax} streams read the past; try it again`
        throw new RequestError('exhausted', `get events: ${reason}`)
      }
      await past.send(this.#host.nodeName, isOnlyPast ? async () => {} : subscribe)
      if (!isOnlyPast) return
      await client.emptied()
      call.end()
    } catch (error) {
      call.emit('error', statusOf(error))
    } finally {
      this.#pasts--
    }
  }

  /** Subscribes a part of the agent itself to all events. */
  subscribe(taker: EventTaker): EventSubscription {
    return this.#hub.add(taker)
  }

  async #running(): Promise<Process[]> {
    const processes = await this.#host.processes({})
    return processes.flatMap(({ process }) => process ?? [])
  }

  /** Ends all streams; clients may reconnect. */
  close(): void {
    for (const call of this.#calls.keys()) call.end()
  }
}

/**
 * From when on a request asks for the past, in milliseconds since 1970; undefined: it does not.
 * @throws RequestError
 */
function pastOf({ since, past_only }: GetEventsRequest): number | undefined {
  if (since === undefined) {
    if (past_only) throw new RequestError('invalid', 'get events: past_only needs since')
    return undefined
  }
  const time = Date.parse(since)
  if (Number.isNaN(time)) throw new RequestError('invalid', `get events: invalid time ${since}`)
  return time
}

/** The peer for the log; clients of a Unix socket have no address. */
function peerOf(call: Call): string {
  const peer = call.getPeer()
  return peer.includes(':') && !peer.startsWith(socketPeer) ? peer : 'of the socket'
}
