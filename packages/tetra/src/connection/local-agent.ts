import type { ServiceError } from '@grpc/grpc-js'
import type { GetEventsRequest, RequestOf, ResponseOf } from '@tetragon-ts/api'
import { AgentClient, type Rpcs, type UnaryName, type WatchName } from './agent-client.ts'
import type { AgentAnswer, Agents, EventStream } from './agents.ts'
import { ConnectionError } from './connection-error.ts'
import type { ConnectionSettings } from './settings.ts'

/** The agent at an address. */
export class LocalAgent implements Agents {
  readonly hasNodes = false
  readonly #settings: ConnectionSettings
  readonly #client: AgentClient

  constructor(settings: ConnectionSettings) {
    this.#settings = settings
    this.#client = new AgentClient(settings)
  }

  async call<Name extends UnaryName>(
    name: Name,
    request: RequestOf<Rpcs[Name]>,
  ): Promise<AgentAnswer<ResponseOf<Rpcs[Name]>>[]> {
    return [{ node: '', response: await this.#client.call(name, request) }]
  }

  async *watch<Name extends WatchName>(
    name: Name,
    request: RequestOf<Rpcs[Name]>,
    signal: AbortSignal,
  ): AsyncGenerator<AgentAnswer<ResponseOf<Rpcs[Name]>>[], void, undefined> {
    for await (const response of this.#client.watch(name, request, signal)) {
      yield [{ node: '', response }]
    }
  }

  events(request: GetEventsRequest): EventStream {
    // A connection of its own: it is opened again after a failure.
    const client = new AgentClient(this.#settings)
    const chunks = client.events(request)
    let isOpen = true
    const close = (): void => {
      isOpen = false
      chunks.cancel()
      client[Symbol.dispose]()
    }
    const explain = (error: Error): Error | undefined => {
      return isStatus(error) ? new ConnectionError(this.#settings.address, error) : undefined
    }
    const onConnected = (act: () => void): void => {
      chunks.once('metadata', act)
      // Agents of the original send the headers with their first event, which may take hours.
      const isThere = (): void => (isOpen ? act() : undefined)
      client.call('GetHealth', {}).then(isThere, () => {})
    }
    const onSubscribed = (act: () => void): void => void chunks.once('metadata', act)
    return { chunks, onConnected, onSubscribed, close, explain }
  }

  [Symbol.dispose](): void {
    this.#client[Symbol.dispose]()
  }
}

function isStatus(error: Error): error is ServiceError {
  return 'code' in error && typeof error.code === 'number'
}
