// A client that takes events as fast as it can and only counts them: `counting-client OPTIONS-AS-JSON`.
// It speaks gRPC by itself, so that what is measured is the server. Prints `"ready"` when the stream
// is open; when its stdin ends it takes what is on its way and prints what it got.

import { connect, constants } from 'node:http2'
import { setTimeout as delay } from 'node:timers/promises'
import { codecOf, GetEventsRequest, GetEventsResponse } from '@tetragon-ts/api'
import { MessageScanner } from './message-scanner.ts'

export interface ClientOptions {
  readonly socket: string
  /** Bytes that stand in the events that count. */
  readonly marker: string
  readonly request: object
}

/** What the client got. */
export interface Received {
  /** Events with the marker. */
  readonly marked: number
  /** All other events. */
  readonly others: number
  readonly bytes: number
  /** What the server said was lost. */
  readonly toldLost: number
  /** CPU time since the stream was open. */
  readonly clientNs: number
}

const settledMs = 200
const lengthPrefix = 5

const { socket, marker, request } = JSON.parse(process.argv[2]) as ClientOptions
const session = connect('http://localhost', { path: socket })
const stream = session.request({
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

const responses = codecOf(GetEventsResponse)
const wanted = Buffer.from(marker)
let [marked, others, bytes, toldLost] = [0, 0, 0, 0]
const scanner = new MessageScanner((data, from, to) => {
  bytes += to - from
  const at = data.indexOf(wanted, from)
  if (at >= 0 && at < to) {
    marked++
    return
  }
  const { rate_limit_info } = responses.decode(data.subarray(from, to))
  if (rate_limit_info === undefined) others++
  else toldLost += Number(rate_limit_info.number_of_dropped_process_events)
})
stream.on('data', (data: Buffer) => scanner.add(data))
let start = process.cpuUsage()
stream.on('response', () => {
  start = process.cpuUsage()
  process.stdout.write('"ready"\n')
})
process.stdin.resume()
process.stdin.on('end', async () => {
  for (let last = -1; last !== bytes; ) {
    last = bytes
    await delay(settledMs)
  }
  const { user, system } = process.cpuUsage(start)
  const clientNs = (user + system) * 1000
  const received: Received = { marked, others, bytes, toldLost, clientNs }
  process.stdout.write(`${JSON.stringify(received)}\n`)
  session.destroy()
})
