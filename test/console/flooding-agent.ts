import { once } from 'node:events'
import { createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { codecOf, GetEventsResponse } from '@tetragon-ts/api'

const codec = codecOf(GetEventsResponse)
/** Milliseconds between writes. */
const batchMs = 10
const unimplemented = '12'

/**
 * A gRPC server that streams events at a rate, without a kernel: its cost is that of a stream, so
 * that tetra and the page have the machine. It has no other procedures.
 */
export class FloodingAgent implements AsyncDisposable {
  readonly address: string
  /** Number of events that were sent. */
  sent = 0
  /** Their bytes. */
  sentBytes = 0
  readonly #server: Http2Server
  readonly #streams = new Set<ServerHttp2Stream>()

  private constructor(path: string) {
    this.address = `unix://${path}`
    this.#server = createServer()
    this.#server.on('stream', (stream, headers) => {
      stream.on('error', () => {})
      const isEvents = headers[':path'] === '/tetragon.FineGuidanceSensors/GetEvents'
      const status = isEvents ? {} : { 'grpc-status': unimplemented }
      const head = { ':status': 200, 'content-type': 'application/grpc', ...status }
      stream.respond(head, { endStream: !isEvents })
      if (!isEvents) return
      this.#streams.add(stream)
      stream.on('close', () => this.#streams.delete(stream))
    })
  }

  /** @param folder of the socket */
  static async start(folder: string): Promise<FloodingAgent> {
    const path = join(folder, 'flood')
    const agent = new FloodingAgent(path)
    agent.#server.listen(path)
    await once(agent.#server, 'listening')
    return agent
  }

  /**
   * Sends events to all clients, a third each of starts, hooks and exits.
   * @param rate per second
   */
  async send(rate: number, seconds: number): Promise<void> {
    const begin = performance.now()
    for (let due = 0; due < rate * seconds; ) {
      await delay(batchMs)
      const elapsed = (performance.now() - begin) / 1000
      const before = due
      due = Math.min(rate * seconds, Math.floor(elapsed * rate))
      const messages: Buffer[] = []
      for (let i = before; i < due; i++) messages.push(message(this.sent++))
      const bytes = Buffer.concat(messages)
      this.sentBytes += bytes.length
      for (const stream of this.#streams) stream.write(bytes)
    }
  }

  /** Reports to all clients that events for them were dropped. */
  reportLost(count: number): void {
    const notice = {
      rate_limit_info: { number_of_dropped_process_events: String(count) },
      time: new Date().toISOString(),
      node_name: 'node',
    }
    for (const stream of this.#streams) stream.write(framed(notice))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const stream of this.#streams) stream.destroy()
    this.#server.close()
  }
}

const message = (number: number): Buffer => framed(eventOf(number))

/** An event as a gRPC message: a flag, the length, and its bytes. */
function framed(event: GetEventsResponse): Buffer {
  const bytes = codec.encode(event)
  const head = Buffer.alloc(5)
  head.writeUInt32BE(bytes.length, 1)
  return Buffer.concat([head, bytes])
}

function eventOf(number: number): GetEventsResponse {
  const pid = 1000 + Math.floor(number / 3)
  const time = new Date().toISOString()
  const parent = processOf(1, '/usr/lib/systemd/systemd', '')
  const process = processOf(pid, '/usr/bin/curl', `https://example.com/path/${pid}`)
  const envelope = { time, node_name: 'node' }
  if (number % 3 === 0) return { process_exec: { process, parent }, ...envelope }
  if (number % 3 === 2) return { process_exit: { process, parent, status: 0, time }, ...envelope }
  const sock_arg = {
    family: 'AF_INET',
    protocol: 'IPPROTO_TCP',
    saddr: '10.0.0.1',
    sport: 34362,
    daddr: '104.198.14.52',
    dport: 443,
  }
  const hook = { function_name: 'tcp_connect', policy_name: 'connect', args: [{ sock_arg }] }
  return { process_kprobe: { process, parent, ...hook }, ...envelope }
}

function processOf(pid: number, binary: string, args: string) {
  return {
    exec_id: idOf(pid),
    parent_exec_id: idOf(1),
    pid,
    uid: 0,
    binary,
    arguments: args,
    cwd: '/root',
    flags: 'execve clone',
    auid: 4294967295,
    tid: pid,
    start_time: '2026-08-01T10:00:00Z',
  }
}

const idOf = (pid: number): string => Buffer.from(`node:${pid}000000:${pid}`).toString('base64')
