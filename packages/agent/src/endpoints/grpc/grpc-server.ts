import {
  type Server as GrpcServer,
  logVerbosity,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  setLogVerbosity,
} from '@grpc/grpc-js'
import {
  EventLogService,
  FineGuidanceSensors,
  Health,
  Inspect,
  ServerReflection,
  ServerReflectionAlpha,
  serviceName,
} from '@tetragon-ts/api'
import { AgentError } from '../../error.ts'
import { grpcAddress, isLocal, type ListenAddress } from '../listen/address.ts'
import { Certificates, type TlsFiles } from '../listen/certificates.ts'
import { placeSocket } from '../listen/unix-socket.ts'
import type { ServerHost } from './server-host.ts'
import { eventLogDefinition, eventLogService } from './services/event-log-service.ts'
import { type ClientStatistics, EventStreams } from './services/event-streams.ts'
import { healthDefinition, healthService } from './services/health-service.ts'
import { inspectDefinition, inspectService } from './services/inspect-service.ts'
import { reflectionDefinitions, reflectionService } from './services/reflection-service.ts'
import { sensorsDefinition, sensorsService } from './services/sensors-service.ts'
import { OpenCalls } from './services/watch.ts'

/** Options of the server. */
export interface ServerOptions {
  /** All addresses serve the same. */
  readonly addresses: readonly ListenAddress[]
  /** For TCP; a Unix socket is protected by its permissions. */
  readonly tls?: TlsFiles
  /** Whether non-local addresses are allowed without TLS. */
  readonly allowPlaintext: boolean
  /** Address that serves only health, for probes. */
  readonly healthAddress?: ListenAddress
  /** Interval of health checks for watchers, in milliseconds. */
  readonly healthIntervalMs: number
  /** Maximum number of events that wait for one client. */
  readonly eventQueueSize: number
  /** Whether EnableTracingPolicy and DisableTracingPolicy are allowed. */
  readonly deprecatedCalls: boolean
  /** Connections without a call are closed after this time, in ms; default: ten minutes. */
  readonly idleMs?: number
  /** Folder for policies of clients; undefined: they end with the agent. */
  readonly policyFolder?: string
}

/** Clients reconnect by themselves; idle connections must not stay open. */
const defaultIdleMs = 600_000
/** Grace period for calls at the end. */
const graceMs = 1000

const names = [
  EventLogService,
  FineGuidanceSensors,
  Health,
  Inspect,
  ServerReflection,
  ServerReflectionAlpha,
].map(serviceName)

/** The agent's gRPC server. */
export class AgentServer {
  readonly #host: ServerHost
  readonly #server: GrpcServer
  readonly #healthServer: GrpcServer
  readonly #streams: EventStreams
  readonly #watches = new OpenCalls()
  readonly #cleanups: (() => void)[] = []

  /** Listens on all addresses or on none. @throws AgentError AGENT_SERVER */
  static async start(host: ServerHost, options: ServerOptions): Promise<AgentServer> {
    const server = new AgentServer(host, options)
    try {
      await server.#listen(options)
      return server
    } catch (error) {
      await server.close()
      throw error
    }
  }

  private constructor(host: ServerHost, options: ServerOptions) {
    // Its messages repeat our errors.
    setLogVerbosity(logVerbosity.NONE)
    this.#host = host
    const channel = { 'grpc.max_connection_idle_ms': options.idleMs ?? defaultIdleMs }
    this.#server = new Server(channel)
    this.#healthServer = new Server(channel)
    this.#streams = new EventStreams(host, options.eventQueueSize)
    const add = (definition: object, service: object): void => {
      this.#server.addService(definition as ServiceDefinition, service as never)
    }
    add(sensorsDefinition, sensorsService(host, this.#streams, options))
    add(eventLogDefinition, eventLogService(host))
    add(healthDefinition, healthService(host, options.healthIntervalMs))
    add(inspectDefinition, inspectService(host, this.#streams, this.#watches))
    for (const definition of reflectionDefinitions) add(definition, reflectionService(names))
    this.#healthServer.addService(
      healthDefinition as object as ServiceDefinition,
      healthService(host, options.healthIntervalMs) as never,
    )
  }

  /** Memory used by clients. */
  statistics(): ClientStatistics {
    return this.#streams.statistics()
  }

  /** Number of open event streams. */
  get clients(): number {
    return this.#streams.count
  }

  async #listen(options: ServerOptions): Promise<void> {
    const { addresses, tls, healthAddress } = options
    for (const address of addresses) checkPlaintext(address, options)
    const plain = ServerCredentials.createInsecure()
    let secure = plain
    if (tls !== undefined) {
      const certificates = new Certificates(tls, this.#host.log)
      this.#cleanups.push(() => certificates[Symbol.dispose]())
      secure = certificates.credentials
    }
    for (const address of addresses) {
      await this.#bind(this.#server, address, address.kind === 'tcp' ? secure : plain)
      if (address.kind === 'tcp' && tls === undefined) this.#warnOfEverybody(address)
    }
    if (healthAddress) await this.#bind(this.#healthServer, healthAddress, plain)
  }

  #warnOfEverybody(address: ListenAddress): void {
    const who = isLocal(address) ? 'all users of this machine' : 'everyone in the network'
    this.#host.log.warning(
      `${who} can read events and change policies at ${grpcAddress(address)}; ` +
        'use TLS with client certificates, or a Unix socket',
    )
  }

  async #bind(server: GrpcServer, address: ListenAddress, credentials: ServerCredentials) {
    if (address.kind === 'unix') {
      const remove = await placeSocket(address.path, async (path) => {
        await bind(server, grpcAddress({ kind: 'unix', path }), credentials)
      })
      this.#cleanups.push(remove)
      return
    }
    try {
      await bind(server, grpcAddress(address), credentials)
    } catch (cause) {
      const message = `listen on ${grpcAddress(address)}: ${(cause as Error).message}`
      throw new AgentError('AGENT_SERVER', message, { cause })
    }
  }

  /** Ends all calls and removes the sockets. */
  async close(): Promise<void> {
    for (const cleanup of this.#cleanups.splice(0)) cleanup()
    this.#streams.close()
    this.#watches.close()
    await Promise.all([this.#server, this.#healthServer].map(shutDown))
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

/** Waits for running calls, for a limited time. */
function shutDown(server: GrpcServer): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      server.forceShutdown()
      resolve()
    }, graceMs)
    server.tryShutdown(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}

/** Every client can read all events and change policies. */
function checkPlaintext(address: ListenAddress, { tls, allowPlaintext }: ServerOptions): void {
  if (tls !== undefined || allowPlaintext || isLocal(address)) return
  throw new AgentError(
    'AGENT_SERVER',
    `listen on ${grpcAddress(address)}: without TLS, everyone in the network could read events and ` +
      'change policies; set --server-tls-cert-file and --server-tls-key-file, or ' +
      '--server-allow-plaintext if the network is safe',
  )
}
