import { ServerCredentials, type UntypedServiceImplementation } from '@grpc/grpc-js'
import { grpcAddress, isLocal, type ListenAddress } from '@tetragon-ts/service/listen'
import { GrpcListener } from '@tetragon-ts/service/listen/grpc'
import { AgentError } from '../../error.ts'
import type { ClientStatistics } from '../endpoint.ts'
import { healthDefinition, healthService } from '../health/health-service.ts'
import { Certificates, type TlsFiles } from '../listen/certificates.ts'
import { throwListenError } from '../listen/listen-error.ts'
import { OpenCalls } from '../listen/open-calls.ts'
import { placeSocket } from '../listen/unix-socket.ts'
import { AuditLog } from './clients/audit-log.ts'
import { type ClientRoles, Guard } from './clients/guard.ts'
import { ClientIdentities } from './clients/identify.ts'
import { serviceNames } from './clients/rights.ts'
import type { ServerHost } from './server-host.ts'
import { eventLogDefinition, eventLogService } from './services/event-log-service.ts'
import { EventStreams } from './services/event-streams.ts'
import { inspectDefinition, inspectService } from './services/inspect-service.ts'
import { reflectionDefinitions, reflectionService } from './services/reflection-service.ts'
import { rulesDefinition, rulesService } from './services/rules-service.ts'
import { sensorsDefinition, sensorsService } from './services/sensors-service.ts'

/** Options of the server. */
export interface ServerOptions {
  /** All addresses serve the same. */
  readonly addresses: readonly ListenAddress[]
  /** For TCP; a Unix socket is protected by its permissions. */
  readonly tls?: TlsFiles
  /** Which clients may read, and which may change policies and settings. */
  readonly roles: ClientRoles
  /** Whether TCP addresses are allowed without TLS, also those of this machine. */
  readonly allowPlaintext: boolean
  /** Interval of health checks for watchers, in milliseconds. */
  readonly healthIntervalMs: number
  /** Maximum number of events that wait for one client. */
  readonly eventQueueSize: number
  /** Whether EnableTracingPolicy and DisableTracingPolicy are allowed. */
  readonly deprecatedCalls: boolean
  /** Connections without a call are closed after this time, in ms; default: ten minutes. */
  readonly idleMs?: number
}

/** The agent's gRPC server. */
export class AgentServer {
  readonly #host: ServerHost
  readonly #listener: GrpcListener
  readonly #streams: EventStreams
  readonly #watches = new OpenCalls()
  readonly #healthWatches = new OpenCalls()
  #certificates: Certificates | undefined

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
    this.#host = host
    const identities = new ClientIdentities()
    const { idleMs } = options
    const { nameSocketPeer } = identities
    this.#listener = new GrpcListener({ idleMs, nameSocketPeer })
    this.#streams = new EventStreams(host, options.eventQueueSize)
    const audit = new AuditLog(host.log)
    const guard = new Guard(options.roles, identities, audit)
    const add = (definition: object, service: UntypedServiceImplementation) =>
      this.#listener.add(definition, guard.protect(definition, service))
    add(sensorsDefinition, sensorsService(host, this.#streams, guard, audit, options))
    add(eventLogDefinition, eventLogService(host))
    add(healthDefinition, healthService(host, options.healthIntervalMs, this.#healthWatches))
    add(inspectDefinition, inspectService(host, this.#streams, this.#watches))
    add(rulesDefinition, rulesService(host))
    for (const definition of reflectionDefinitions) add(definition, reflectionService(serviceNames))
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
    const { addresses, tls } = options
    for (const address of addresses) checkPlaintext(address, options)
    const plain = ServerCredentials.createInsecure()
    if (tls !== undefined) this.#certificates = new Certificates(tls, this.#host.log)
    const secure = this.#certificates?.credentials ?? plain
    for (const address of addresses) {
      const credentials = address.kind === 'tcp' ? secure : plain
      const listening = this.#listener.listen(address, credentials, placeSocket)
      await listening.catch(throwListenError('listen', address))
      if (address.kind === 'tcp') this.#warnOfAnonymous(address, options)
    }
  }

  #warnOfAnonymous(address: ListenAddress, { roles, tls }: ServerOptions): void {
    if (tls?.requireClientCertificate) return
    const has = (patterns: ClientRoles['read']) => patterns.some(({ kind }) => kind === 'anonymous')
    const canChange = has(roles.change)
    if (!canChange && !has(roles.read)) return
    const who = isLocal(address) ? 'all users of this machine' : 'everyone in the network'
    const can = canChange ? 'read events and change policies' : 'read events'
    this.#host.log.warning(
      `${who} can ${can} at ${grpcAddress(address)}; ` +
        'use TLS with --server-tls-require-client-cert, or a Unix socket',
    )
  }

  /** Whether a client keeps the process alive after {@link close}. */
  get isStuck(): boolean {
    return this.#listener.isStuck
  }

  /** Ends all calls and removes the sockets. */
  async close(): Promise<void> {
    this.#certificates?.[Symbol.dispose]()
    this.#streams.close()
    this.#watches.close()
    this.#healthWatches.close()
    await this.#listener.close()
  }
}

/** Without TLS, clients have no identity, and every process that reaches the port is one. */
function checkPlaintext(address: ListenAddress, { tls, allowPlaintext }: ServerOptions): void {
  if (address.kind === 'unix' || tls !== undefined || allowPlaintext) return
  const who = isLocal(address) ? 'every user of this machine' : 'everyone in the network'
  throw new AgentError(
    'AGENT_SERVER',
    `listen on ${grpcAddress(address)}: without TLS, ${who} could read events; leave out ` +
      '--server-address to use the Unix socket, or set --server-tls-cert-file and ' +
      '--server-tls-key-file, or --server-allow-plaintext',
  )
}
