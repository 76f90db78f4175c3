// Clients that receive events as fast as possible and only count them: `counting-client
// OPTIONS-AS-JSON`. They implement gRPC themselves, so that the server is measured. Prints
// `"ready"` when all streams are open; when stdin ends and everything has arrived, it prints the
// counts of each stream.

import { once } from 'node:events'
import { type ClientHttp2Session, connect, constants } from 'node:http2'
import { setTimeout as delay } from 'node:timers/promises'
import { codecOf, GetEventsRequest, GetEventsResponse } from '@tetragon-ts/api'
import { marksOf, producerMark } from './marks.ts'
import { MessageScanner } from './message-scanner.ts'

export interface ClientOptions {
  readonly socket: string
  /** Number of streams, each with its own connection. */
  readonly streams: number
  readonly request: object
  /** The run whose marks to look for. */
  readonly run: string
}

/** Counts of a stream between the marks. */
export interface Received {
  /** Events of the producer. */
  readonly marked: number
  /** All other events. */
  readonly others: number
  readonly bytes: number
  /** Losses that the server reported. */
  readonly reportedLost: number
  /** Whether it saw both marks. */
  readonly isWhole: boolean
}

/** Counts of all streams of a process. */
export interface ClientReport {
  readonly streams: readonly Received[]
  /** CPU time since the streams were open. */
  readonly clientNs: number
}

const pollMs = 50
/** Time without events after which an unfinished stream is abandoned. */
const patienceMs = 5000
const lengthPrefix = 5
const responses = codecOf(GetEventsResponse)

class EventCounter {
  readonly #session: ClientHttp2Session
  readonly open: Promise<unknown>
  #received = { marked: 0, others: 0, bytes: 0, reportedLost: 0 }
  #state: 'before' | 'between' | 'behind' = 'before'
  readonly #begin: Buffer
  readonly #end: Buffer

  constructor({ socket, request, run }: ClientOptions) {
    const marks = marksOf(run)
    this.#begin = Buffer.from(marks.begin)
    this.#end = Buffer.from(marks.end)
    this.#session = connect('http://localhost', { path: socket })
    const stream = this.#session.request({
      [constants.HTTP2_HEADER_METHOD]: 'POST',
      [constants.HTTP2_HEADER_PATH]: '/tetragon.FineGuidanceSensors/GetEvents',
      [constants.HTTP2_HEADER_CONTENT_TYPE]: 'application/grpc',
      [constants.HTTP2_HEADER_TE]: 'trailers',
    })
    const message = codecOf(GetEventsRequest).encode(request)
    const framed = Buffer.alloc(lengthPrefix + message.length)
    framed.writeUInt32BE(message.length, 1)
    framed.set(message, lengthPrefix)
    stream.end(framed)
    const scanner = new MessageScanner(this.#onMessage)
    stream.on('data', (data: Buffer) => scanner.add(data))
    this.open = once(stream, 'response')
  }

  get received(): Received {
    return { ...this.#received, isWhole: this.#state === 'behind' }
  }

  readonly #onMessage = (data: Buffer, from: number, to: number): void => {
    const received = this.#received
    const isOfProducer = isIn(data, from, to, producerMark)
    if (!isOfProducer) {
      if (this.#state === 'before' && isIn(data, from, to, this.#begin)) this.#state = 'between'
      if (this.#state === 'between' && isIn(data, from, to, this.#end)) this.#state = 'behind'
    }
    if (this.#state !== 'between') return
    received.bytes += to - from
    if (isOfProducer) {
      received.marked++
      return
    }
    const { rate_limit_info } = responses.decode(data.subarray(from, to))
    if (rate_limit_info === undefined) received.others++
    else received.reportedLost += Number(rate_limit_info.number_of_dropped_process_events)
  }

  close(): void {
    this.#session.destroy()
  }
}

function isIn(data: Buffer, from: number, to: number, mark: Buffer): boolean {
  const at = data.indexOf(mark, from)
  return at >= 0 && at < to
}

const options = JSON.parse(process.argv[2]) as ClientOptions
const counters = Array.from({ length: options.streams }, () => new EventCounter(options))
await Promise.all(counters.map(({ open }) => open))
const start = process.cpuUsage()
process.stdout.write('"ready"\n')
process.stdin.resume()
await once(process.stdin, 'end')
const bytesSoFar = (): number => counters.reduce((sum, { received }) => sum + received.bytes, 0)
for (let quietMs = 0, last = 0; quietMs < patienceMs; quietMs += pollMs) {
  if (counters.every(({ received }) => received.isWhole)) break
  await delay(pollMs)
  if (bytesSoFar() !== last) quietMs = 0
  last = bytesSoFar()
}
const { user, system } = process.cpuUsage(start)
const report: ClientReport = {
  streams: counters.map(({ received }) => received),
  clientNs: (user + system) * 1000,
}
process.stdout.write(`${JSON.stringify(report)}\n`)
for (const counter of counters) counter.close()
