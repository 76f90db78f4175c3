import { setTimeout as sleep } from 'node:timers/promises'
import {
  Client,
  type ClientReadableStream,
  credentials as grpcCredentials,
  type ServiceError,
} from '@grpc/grpc-js'
import {
  DetectionRules,
  FineGuidanceSensors,
  type GetEventsRequest,
  type GetEventsResponse,
  serviceDefinition,
} from '@tetragon-ts/api'

const definition = serviceDefinition(FineGuidanceSensors)
const procedures = { ...definition, ...serviceDefinition(DetectionRules) }

/** A client of the service under test. */
export class TestClient {
  readonly #client: Client

  /** @param address in the form of gRPC */
  constructor(address: string, credentials = grpcCredentials.createInsecure()) {
    // A connection of its own.
    this.#client = new Client(address, credentials, { 'grpc.use_local_subchannel_pool': 1 })
  }

  /** Calls a procedure. @throws ServiceError */
  call(name: Exclude<keyof typeof procedures, 'GetEvents'>, request: object = {}): Promise<object> {
    const { path, requestSerialize, responseDeserialize } = procedures[name]
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        path,
        requestSerialize as (request: object) => Buffer,
        responseDeserialize as (bytes: Buffer) => object,
        request,
        (error: ServiceError | null, response?: object) => {
          if (error) reject(error)
          else resolve(response as object)
        },
      )
    })
  }

  /** Opens an event stream; fulfilled when the server sends. */
  async events(request: GetEventsRequest = {}): Promise<EventCollector> {
    const { path, requestSerialize, responseDeserialize } = definition.GetEvents
    const stream = this.#client.makeServerStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request,
    )
    const collector = new EventCollector(stream)
    await collector.connected
    return collector
  }

  close(): void {
    this.#client.close()
  }
}

/** Collects the responses of a stream. */
export class EventCollector {
  readonly stream: ClientReadableStream<GetEventsResponse>
  readonly events: GetEventsResponse[] = []
  readonly connected: Promise<void>
  /** Why the stream ended. */
  readonly ended: Promise<ServiceError | undefined>

  constructor(stream: ClientReadableStream<GetEventsResponse>) {
    this.stream = stream
    this.connected = new Promise((resolve, reject) => {
      stream.once('metadata', () => resolve())
      stream.once('error', reject)
    })
    this.ended = new Promise((resolve) => {
      stream.once('error', resolve)
      stream.once('end', () => resolve(undefined))
    })
    stream.on('data', (event) => this.events.push(event))
  }

  /** Waits for a number of events. */
  async wait(count: number): Promise<readonly GetEventsResponse[]> {
    const deadline = performance.now() + 10_000
    while (this.events.length < count) {
      if (performance.now() > deadline) {
        throw new Error(`wait for ${count} events: ${JSON.stringify(this.events).slice(0, 2000)}`)
      }
      await sleep(5)
    }
    return this.events
  }
}
