import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  Client,
  type ClientReadableStream,
  credentials as grpcCredentials,
  type ServiceError,
} from '@grpc/grpc-js'
import {
  FineGuidanceSensors,
  type GetEventsRequest,
  type GetEventsResponse,
  serviceDefinition,
} from '@tetragon-ts/api'
import { AgentServer, type ServerOptions } from '../grpc-server.ts'
import { FakeHost } from './fake-host.ts'

const definition = serviceDefinition(FineGuidanceSensors)

/** A client of the service under test. */
export class TestClient {
  readonly #client: Client

  /** @param address as gRPC takes it */
  constructor(address: string, credentials = grpcCredentials.createInsecure()) {
    this.#client = new Client(address, credentials)
  }

  /** Calls a procedure. @throws ServiceError */
  call(name: Exclude<keyof typeof definition, 'GetEvents'>, request: object = {}): Promise<object> {
    const { path, requestSerialize, responseDeserialize } = definition[name]
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

  /** Opens a stream of events; when fulfilled, the server sends. */
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

/** Collects what a stream brings. */
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

  /** Waits until so many events are there. */
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

/** A server with a made-up agent, on a Unix socket in a folder of its own. */
export class TestServer {
  readonly host = new FakeHost()
  readonly folder = mkdtempSync(join(tmpdir(), 'tetragon-server-'))
  readonly path = join(this.folder, 'tetragon.sock')
  readonly client = new TestClient(`unix:${this.path}`)
  #server: AgentServer | undefined

  static async start(options: Partial<ServerOptions> = {}): Promise<TestServer> {
    const test = new TestServer()
    test.#server = await AgentServer.start(test.host, {
      addresses: [{ kind: 'unix', path: test.path }],
      allowPlaintext: false,
      eventQueueSize: 100,
      deprecatedCalls: false,
      ...options,
    })
    return test
  }

  get server(): AgentServer {
    return this.#server as AgentServer
  }

  async stop(): Promise<void> {
    this.client.close()
    await this.#server?.close()
    rmSync(this.folder, { recursive: true, force: true })
  }
}
