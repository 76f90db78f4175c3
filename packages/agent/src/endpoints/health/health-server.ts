import {
  createServer as createHttp2Server,
  type Http2Server,
  type ServerHttp2Session,
} from 'node:http2'
import { createServer, type Server, type Socket } from 'node:net'
import {
  Allowances,
  ConnectionLimiter,
  clientOf,
  MeteredSocket,
} from '@tetragon-ts/service/connections'
import { type ListenAddress, listenAt } from '@tetragon-ts/service/listen'
import { throwListenError } from '../listen/listen-error.ts'
import { placeSocket } from '../listen/unix-socket.ts'
import type { ServiceStatuses } from './agent-health.ts'
import { HealthCalls } from './health-calls.ts'

/** Anyone on the network may connect: probes need few connections, and not for long. */
const connections = { total: 64, perClient: 8, opens: { perSecond: 8, burst: 16 } }
/** Bytes that a client may send; a check on a new connection has less than 600. */
const received = { perSecond: 8192, burst: 32_768 }
/** Connections without a call are closed after this time, in milliseconds. */
const idleMs = 60_000
/** A probe has one call at a time. */
const streams = 4

/** Limits of a connection, some of Node.js and some of nghttp2. */
const perConnection = {
  // The smallest limit, in megabytes.
  maxSessionMemory: 1,
  maxHeaderListPairs: 64,
  maxOutstandingPings: 4,
  maxSettings: 16,
  maxSessionInvalidFrames: 16,
  maxSessionRejectedStreams: 16,
  settings: {
    maxConcurrentStreams: streams,
    maxHeaderListSize: 8192,
    initialWindowSize: 4096,
    enablePush: false,
  },
}

/**
 * Serves only `grpc.health.v1.Health`, so that anyone may be allowed to connect. Whatever a client
 * sends, it costs little: connections, their bytes per second and the work of each are bounded.
 */
export class HealthServer {
  readonly #calls: HealthCalls
  readonly #limiter = new ConnectionLimiter(connections)
  readonly #received = new Allowances(received)
  readonly #http2: Http2Server
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #remove = (): void => {}

  /** @throws AgentError AGENT_SERVER */
  static async start(address: ListenAddress, statuses: ServiceStatuses): Promise<HealthServer> {
    const server = new HealthServer(statuses)
    const listening = listenAt(server.#server, address, placeSocket)
    server.#remove = await listening.catch(throwListenError('listen', address))
    return server
  }

  private constructor(statuses: ServiceStatuses) {
    this.#calls = new HealthCalls(statuses)
    this.#http2 = createHttp2Server(perConnection)
    this.#http2.on('session', endWhenIdle)
    this.#http2.on('stream', (stream, headers) => void this.#calls.answer(stream, headers))
    this.#http2.on('sessionError', () => {})
    this.#server = createServer({ noDelay: true }, (socket) => this.#accept(socket))
  }

  #accept(socket: Socket): void {
    if (!this.#limiter.admit(socket)) return
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    const client = clientOf(socket)
    // The permissions of a Unix socket protect it.
    const metered =
      client === undefined ? socket : new MeteredSocket(socket, client, this.#received)
    this.#http2.emit('connection', metered)
  }

  /** The status of each service. */
  set statuses(statuses: ServiceStatuses) {
    this.#calls.statuses = statuses
  }

  /** Ends the watches, then all connections. */
  async close(): Promise<void> {
    this.#remove()
    this.#calls.close()
    const closed = new Promise((resolve) => this.#server.close(resolve))
    // The last frames of the watches leave first.
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
    for (const socket of this.#sockets) socket.destroySoon()
    await closed
  }
}

/** Closes a connection that has had no call for a while; a watch may be silent for days. */
function endWhenIdle(session: ServerHttp2Session): void {
  let open = 0
  session.on('stream', (stream) => {
    open++
    stream.once('close', () => open--)
  })
  session.setTimeout(idleMs, () => {
    if (open === 0) session.destroy()
  })
}
