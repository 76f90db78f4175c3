import { createServer, type Server as NetServer } from 'node:net'
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
/** Grace period for calls at the end. */
const graceMs = 1000

/** A gRPC server at any number of addresses: TCP, or a Unix socket. */
export class GrpcListener {
  readonly #server: GrpcServer
  readonly #removals: (() => void)[] = []
  #isStuck = false

  /** @param idleMs connections without a call are closed after this time */
  constructor(idleMs = defaultIdleMs) {
    // Its messages repeat our errors.
    setLogVerbosity(logVerbosity.NONE)
    this.#server = new Server({
      'grpc.max_connection_idle_ms': idleMs,
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
    const limiter = address.kind === 'tcp' ? new ConnectionLimiter(connections) : undefined
    const server = this.#serverOf(credentials, limiter)
    this.#removals.push(await listenAt(server, address, placeSocket))
  }

  /** A server that passes on the connections that may be open. */
  #serverOf(credentials: ServerCredentials, limiter?: ConnectionLimiter): NetServer {
    const injector = this.#server.createConnectionInjector(credentials)
    const server = createServer({ noDelay: true }, (socket) => {
      if (limiter?.admit(socket) ?? true) injector.injectConnection(socket)
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
