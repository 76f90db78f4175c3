import { createSecureContext } from 'node:tls'
import {
  type ChannelCredentials,
  Client,
  type ClientReadableStream,
  credentials,
  type ServiceError,
  status,
} from '@grpc/grpc-js'
import {
  DetectionRules,
  EventLogService,
  FineGuidanceSensors,
  type GetEventsRequest,
  Inspect,
  type RequestOf,
  type ResponseOf,
  serviceDefinition,
} from '@tetragon-ts/api'
import { retry } from '@tetragon-ts/service/retry'
import { ConnectionError } from './connection-error.ts'
import type { ConnectionSettings, TlsSettings } from './settings.ts'

const definitions = {
  ...serviceDefinition(FineGuidanceSensors, ['GetEvents']),
  ...serviceDefinition(EventLogService),
  ...serviceDefinition(Inspect),
  ...serviceDefinition(DetectionRules),
}

/** All procedures of an agent. */
export type Rpcs = (typeof FineGuidanceSensors)['rpcs'] &
  (typeof EventLogService)['rpcs'] &
  (typeof Inspect)['rpcs'] &
  (typeof DetectionRules)['rpcs']
/** Procedures that stream responses until they are cancelled. */
export type WatchName = 'WatchActivity' | 'WatchPrograms'
/** Procedures with one response. */
export type UnaryName = Exclude<keyof Rpcs, 'GetEvents' | WatchName>

/** Pauses between attempts, in milliseconds. */
const pauses = { min: 1000, max: Number.POSITIVE_INFINITY }

function channelCredentials(tls: TlsSettings | undefined): ChannelCredentials {
  if (tls === undefined) return credentials.createInsecure()
  const context = createSecureContext({
    ca: tls.ca.length > 0 ? [...tls.ca] : undefined,
    cert: tls.certificate,
    key: tls.key,
    minVersion: 'TLSv1.3',
  })
  return credentials.createFromSecureContext(context, {
    rejectUnauthorized: tls.verify,
    ...(tls.verify ? {} : { checkServerIdentity: () => undefined }),
  })
}

/** A connection to an agent. */
export class AgentClient implements Disposable {
  readonly #settings: ConnectionSettings
  readonly #client: Client

  constructor(settings: ConnectionSettings) {
    const { address, maxReceive, tls } = settings
    this.#settings = settings
    // The library passes IP addresses to TLS as names, about which Node.js would warn on the
    // terminal.
    process.noDeprecation = true
    this.#client = new Client(address, channelCredentials(tls), {
      'grpc.max_receive_message_length': maxReceive,
      // Otherwise it would wait because an earlier client has failed.
      'grpc.use_local_subchannel_pool': 1,
      ...(tls?.serverName ? { 'grpc.ssl_target_name_override': tls.serverName } : {}),
    })
  }

  /** Calls a procedure; retries while the agent cannot be reached. @throws ConnectionError */
  async call<Name extends UnaryName>(
    name: Name,
    request: RequestOf<Rpcs[Name]>,
  ): Promise<ResponseOf<Rpcs[Name]>> {
    const { address, retries } = this.#settings
    const again = (error: Error, failures: number): boolean =>
      (error as ServiceError).code === status.UNAVAILABLE && failures <= retries
    try {
      const response = await retry(() => this.#once(name, request), { pauses, again })
      return response as ResponseOf<Rpcs[Name]>
    } catch (error) {
      throw new ConnectionError(address, error as ServiceError, definitions[name].path)
    }
  }

  #once(name: UnaryName, request: object): Promise<object> {
    const { path, requestSerialize, responseDeserialize } = definitions[name]
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        path,
        requestSerialize as (request: object) => Buffer,
        responseDeserialize as (bytes: Buffer) => object,
        request,
        { deadline: Date.now() + this.#settings.timeout },
        (error: ServiceError | null, response?: object) => {
          if (error) reject(error)
          else resolve(response ?? {})
        },
      )
    })
  }

  /**
   * Responses of a procedure, until the signal is aborted or the loop ends.
   * @throws ConnectionError
   */
  async *watch<Name extends WatchName>(
    name: Name,
    request: RequestOf<Rpcs[Name]>,
    signal: AbortSignal,
  ): AsyncGenerator<ResponseOf<Rpcs[Name]>, void, undefined> {
    // An aborted signal has no event any more.
    if (signal.aborted) return
    const { path, requestSerialize, responseDeserialize } = definitions[name]
    const stream = this.#client.makeServerStreamRequest(
      path,
      requestSerialize as (request: object) => Buffer,
      responseDeserialize as (bytes: Buffer) => ResponseOf<Rpcs[Name]>,
      request,
    )
    const cancel = (): void => stream.cancel()
    signal.addEventListener('abort', cancel)
    try {
      for await (const response of stream) yield response
    } catch (error) {
      if (!signal.aborted) {
        throw new ConnectionError(this.#settings.address, error as ServiceError, path)
      }
    } finally {
      signal.removeEventListener('abort', cancel)
      // The library reports a cancellation that we requested as an error.
      stream.on('error', () => {})
      stream.cancel()
    }
  }

  /** Opens an event stream: events in wire form. Its errors are ServiceError. */
  events(request: GetEventsRequest): ClientReadableStream<Buffer> {
    const { path, requestSerialize, responseDeserialize } = definitions.GetEvents
    return this.#client.makeServerStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request,
    )
  }

  [Symbol.dispose](): void {
    this.#client.close()
  }
}
