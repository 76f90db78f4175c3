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
import { ConnectionLimiter } from '@tetragon-ts/service/connections'
import { grpcAddress, type ListenAddress } from '@tetragon-ts/service/listen'
import { AgentError } from '../../error.ts'
import { listenAt } from './listen-at.ts'
import { placeSocket } from './unix-socket.ts'

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

  /** @throws AgentError AGENT_SERVER */
  async listen(
    address: ListenAddress,
    credentials: ServerCredentials = ServerCredentials.createInsecure(),
  ): Promise<void> {
    if (address.kind === 'unix') {
      const server = this.#serverOf(credentials)
      const bind = (path: string): Promise<void> => listenAt(server, { path })
      this.#removals.push(await placeSocket(address.path, bind))
      return
    }
    const { host, port } = address
    const server = this.#serverOf(credentials, new ConnectionLimiter(connections))
    try {
      await listenAt(server, host === '' ? { port } : { host, port })
    } catch (cause) {
      const message = `listen on ${grpcAddress(address)}: ${(cause as Error).message}`
      throw new AgentError('AGENT_SERVER', message, { cause })
    }
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
