import { createServer, type Server as NetServer, type Socket } from 'node:net'
import {
  type Server as GrpcServer,
  logVerbosity,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  setLogVerbosity,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js'
import { ConnectionLimiter } from '../connections/index.ts'
import type { ListenAddress } from './address.ts'
import { listenAt, type PlaceSocket } from './listen-at.ts'

/** Clients reconnect by themselves; idle connections must not stay open. */
const defaultIdleMs = 600_000
/** Maximum number of calls in progress of one connection, and megabytes of its requests. */
const streamsMax = 256
const sessionMemoryMax = 32
/**
 * For TCP: with TLS anyone may connect, and the handshake takes a millisecond. nghttp2 limits
 * resets of streams: 1000 at once, and 33 per second.
 */
const connections = { total: 512, perClient: 256, opens: { perSecond: 64, burst: 512 } }
/** For a Unix socket, whose clients are users: who may read events must not keep out root. */
const socketConnections = { total: 512, perClient: 256 }
/** Grace period for calls at the end. */
const graceMs = 1000

/** The client of a connection to a Unix socket. */
export interface SocketPeer {
  /** Its calls have this text as their peer. */
  readonly name: string
  /** Whose connections count together. */
  readonly owner: string
}

/** Options of a gRPC server. */
export interface GrpcListenerOptions {
  /** Connections without a call are closed after this time. */
  readonly idleMs?: number | undefined
  /** Names the client of a connection to a Unix socket. Undefined: the connection is closed. */
  readonly nameSocketPeer?: (socket: Socket) => SocketPeer | undefined
}

/** A gRPC server at any number of addresses: TCP, or a Unix socket. */
export class GrpcListener {
  readonly #server: GrpcServer
  readonly #removals: (() => void)[] = []
  readonly #nameSocketPeer: GrpcListenerOptions['nameSocketPeer']
  #isStuck = false

  constructor({ idleMs, nameSocketPeer }: GrpcListenerOptions = {}) {
    this.#nameSocketPeer = nameSocketPeer
    // Its messages repeat our errors.
    setLogVerbosity(logVerbosity.NONE)
    this.#server = new Server({
      'grpc.max_connection_idle_ms': idleMs ?? defaultIdleMs,
      'grpc.max_concurrent_streams': streamsMax,
      'grpc-node.max_session_memory': sessionMemoryMax,
    })
  }

  /** Adds a service, before {@link listen}. */
  add(definition: object, service: UntypedServiceImplementation): void {
    this.#server.addService(definition as ServiceDefinition, service)
  }

  /** @throws Error as {@link listenAt} */
  async listen(
    address: ListenAddress,
    credentials: ServerCredentials = ServerCredentials.createInsecure(),
    placeSocket?: PlaceSocket,
  ): Promise<void> {
    const admit = address.kind === 'tcp' ? admitTcp() : this.#admitToSocket()
    const server = this.#serverOf(credentials, admit)
    this.#removals.push(await listenAt(server, address, placeSocket))
  }

  /** The peer of a call is the remote address of its socket, and a Unix socket has none. */
  #admitToSocket(): (socket: Socket) => boolean {
    const limiter = new ConnectionLimiter(socketConnections)
    const namePeer = this.#nameSocketPeer
    return (socket) => {
      if (namePeer === undefined) return limiter.admit(socket)
      const peer = namePeer(socket)
      if (peer === undefined) {
        socket.destroy()
        return false
      }
      Object.defineProperty(socket, 'remoteAddress', { value: peer.name })
      return limiter.admit(socket, peer.owner)
    }
  }

  /** A server that passes on the connections that may be open. */
  #serverOf(credentials: ServerCredentials, admit: (socket: Socket) => boolean): NetServer {
    const injector = this.#server.createConnectionInjector(credentials)
    const server = createServer({ noDelay: true }, (socket) => {
      if (admit(socket)) injector.injectConnection(socket)
    })
    this.#removals.push(() => server.close())
    return server
  }

  /**
   * Whether a connection keeps the process alive after {@link close}: that of a client that neither
   * reads what it has asked for nor closes. The HTTP/2 server waits for the client then.
   */
  get isStuck(): boolean {
    return this.#isStuck
  }

  /** Removes the sockets and waits for calls in progress, for a limited time. */
  close(): Promise<void> {
    for (const remove of this.#removals.splice(0)) remove()
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#server.forceShutdown()
        this.#isStuck = true
        resolve()
      }, graceMs)
      this.#server.tryShutdown(() => {
        clearTimeout(timer)
        resolve()
      })
    })
  }
}

function admitTcp(): (socket: Socket) => boolean {
  const limiter = new ConnectionLimiter(connections)
  return (socket) => limiter.admit(socket)
}
