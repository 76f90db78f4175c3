import {
  type Server as GrpcServer,
  logVerbosity,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  setLogVerbosity,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js'
import { grpcAddress, type ListenAddress } from '@tetragon-ts/options'
import { AgentError } from '../../error.ts'
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

  /** @param idleMs connections without a call are closed after this time */
  constructor(idleMs = defaultIdleMs) {
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
      await bind(this.#server, grpcAddress(address), credentials)
    } catch (cause) {
      const message = `listen on ${grpcAddress(address)}: ${(cause as Error).message}`
      throw new AgentError('AGENT_SERVER', message, { cause })
    }
  }

  /** Removes the sockets and waits for calls in progress, for a limited time. */
  close(): Promise<void> {
    for (const remove of this.#removals.splice(0)) remove()
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#server.forceShutdown()
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
