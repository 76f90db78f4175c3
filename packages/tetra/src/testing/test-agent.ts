import { setTimeout as sleep } from 'node:timers/promises'
import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  type sendUnaryData,
} from '@grpc/grpc-js'
import {
  DetectionRules,
  EventLogService,
  FineGuidanceSensors,
  Inspect,
  serviceDefinition,
} from '@tetragon-ts/api'

type Call = ServerUnaryCall<object, object>
type Stream = ServerWritableStream<object, object>

/** An agent with prepared responses, which records its requests. */
export class TestAgent {
  readonly path: string
  /** False: as agents of the original, event streams have headers with their first event. */
  sendsHeaders = true
  readonly #server = new Server()
  readonly #requests = new Map<string, object[]>()
  readonly #answers = new Map<string, object>()
  readonly #turns = new Map<string, object[]>()
  readonly #watched = new Map<string, readonly object[]>()
  readonly #hanging = new Set<string>()
  readonly #streams = new Set<Stream>()
  readonly #failures = new Map<string, { code: number; details: string }>()
  #failure: { code: number; details: string } | undefined

  /** Listens on a Unix socket. */
  static async start(path: string): Promise<TestAgent> {
    const agent = new TestAgent(path)
    await agent.listen(`unix:${path}`)
    return agent
  }

  /** Listens at one more address. @returns the port */
  listen(address: string, credentials = ServerCredentials.createInsecure()): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.bindAsync(address, credentials, (error, port) => {
        if (error) reject(error)
        else resolve(port)
      })
    })
  }

  private constructor(path: string) {
    this.path = path
    for (const service of [FineGuidanceSensors, EventLogService, Inspect, DetectionRules]) {
      const definition = serviceDefinition(service) as object as ServiceDefinition
      const handlers = Object.keys(service.rpcs).map((name) => [name, this.#handler(name)])
      this.#server.addService(definition, Object.fromEntries(handlers))
    }
  }

  #handler(name: string) {
    if (name === 'GetEvents') {
      return (stream: Stream) => {
        this.#note(name, stream.request)
        this.#streams.add(stream)
        // Clients learn from it that they are connected.
        if (this.sendsHeaders) stream.sendMetadata(new Metadata())
        stream.on('close', () => this.#streams.delete(stream))
        stream.on('cancelled', () => this.#streams.delete(stream))
      }
    }
    if (name.startsWith('Watch')) {
      return (stream: Stream) => {
        this.#note(name, stream.request)
        if (this.#failure) stream.emit('error', this.#failure)
        else for (const response of this.#watched.get(name) ?? []) stream.write(response)
      }
    }
    return ({ request }: Call, callback: sendUnaryData<object>) => {
      this.#note(name, request)
      if (this.#hanging.has(name)) return
      const failure = this.#failures.get(name) ?? this.#failure
      if (failure) callback(failure)
      else callback(null, this.#turns.get(name)?.shift() ?? this.#answers.get(name) ?? {})
    }
  }

  #note(name: string, request: object): void {
    this.#requests.set(name, [...this.requestsOf(name), request])
  }

  /** Clears responses and requests of the last test. */
  reset(): void {
    this.#requests.clear()
    this.#answers.clear()
    this.#turns.clear()
    this.#watched.clear()
    this.#hanging.clear()
    this.#failures.clear()
    this.#failure = undefined
    this.sendsHeaders = true
  }

  answer(name: string, response: object): void {
    this.#answers.set(name, response)
  }

  /** The responses to successive requests. */
  answerInTurn(name: string, responses: readonly object[]): void {
    this.#turns.set(name, [...responses])
  }

  /** The responses of a streaming procedure. */
  answerWatch(name: string, ...responses: object[]): void {
    this.#watched.set(name, responses)
  }

  hang(name: string): void {
    this.#hanging.add(name)
  }

  fail(code: number, details: string): void {
    this.#failure = { code, details }
  }

  /** Makes a procedure fail. */
  failOnly(name: string, code: number, details: string): void {
    this.#failures.set(name, { code, details })
  }

  requestsOf(name: string): object[] {
    return this.#requests.get(name) ?? []
  }

  /** Waits until a number of event streams are open. */
  async streams(count: number): Promise<void> {
    for (let i = 0; i < 2000 && this.#streams.size !== count; i++) await sleep(5)
    if (this.#streams.size !== count) throw new Error(`wait for streams: ${this.#streams.size}`)
  }

  send(...events: object[]): void {
    for (const stream of this.#streams) for (const event of events) stream.write(event)
  }

  /** Ends all streams, normally or with a status. */
  endStreams(status?: { code: number; details: string }): void {
    for (const stream of this.#streams) {
      if (status) stream.emit('error', status)
      else stream.end()
    }
    this.#streams.clear()
  }

  async stop(): Promise<void> {
    this.#server.forceShutdown()
  }
}
