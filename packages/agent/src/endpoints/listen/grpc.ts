import { createServer } from 'node:net'
import {
  type Server as GrpcServer,
  logVerbosity,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  setLogVerbosity,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js'
import { grpcAddress, type ListenAddress, limitConnections } from '@tetragon-ts/options'
import { AgentError } from '../../error.ts'
import { listenAt } from './listen-at.ts'
import { placeSocket } from './unix-socket.ts'

/** Clients reconnect by themselves; idle connections must not stay open. */
const defaultIdleMs = 600_000
/** Maximum number of calls in progress of one connection. */
const streamsMax = 2048
/** Grace period for calls at the end. */
const graceMs = 1000

/** A gRPC server at any number of addresses: TCP, or a Unix socket. */
export class GrpcListener {
  readonly #server: GrpcServer
  readonly #removals: (() => void)[] = []
  readonly #connectionsMax: number | undefined
  #isStuck = false

  /**
   * @param idleMs connections without a call are closed after this time
   * @param connectionsMax maximum number of connections to a TCP address; undefined: no limit
   */
  constructor(idleMs = defaultIdleMs, connectionsMax?: number) {
    this.#connectionsMax = connectionsMax
    // Its messages repeat our errors.
    setLogVerbosity(logVerbosity.NONE)
    this.#server = new Server({
      'grpc.max_connection_idle_ms': idleMs,
      'grpc.max_concurrent_streams': streamsMax,
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
      const remove = await placeSocket(address.path, async (path) => {
        await bind(this.#server, grpcAddress({ kind: 'unix', path }), credentials)
      })
      this.#removals.push(remove)
      return
    }
    try {
      if (this.#connectionsMax === undefined) {
        await bind(this.#server, grpcAddress(address), credentials)
      } else {
        await this.#listenLimited(address, credentials, this.#connectionsMax)
      }
    } catch (cause) {
      const message = `listen on ${grpcAddress(address)}: ${(cause as Error).message}`
      throw new AgentError('AGENT_SERVER', message, { cause })
    }
  }

  async #listenLimited(
    { host, port }: Extract<ListenAddress, { kind: 'tcp' }>,
    credentials: ServerCredentials,
    max: number,
  ): Promise<void> {
    const injector = this.#server.createConnectionInjector(credentials)
    const server = createServer((socket) => injector.injectConnection(socket))
    limitConnections(server, max)
    await listenAt(server, host === '' ? { port } : { host, port })
    this.#removals.push(() => {
      server.close()
      injector.destroy()
    })
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

function bind(
  server: GrpcServer,
  address: string,
  credentials: ServerCredentials,
): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, port) => (error ? reject(error) : resolve(port)))
  })
}
