import type { ClientStatistics, Endpoint, EndpointHost, RunningEndpoint } from './endpoint.ts'
import { type EndpointName, type EndpointOptions, endpoints } from './index.ts'
import type { ListenAddress } from './listen/address.ts'

interface Started extends Pick<Endpoint<never>, 'closesBeforeAgent'> {
  readonly name: EndpointName
  readonly running: RunningEndpoint
}

/** The endpoints of the daemon. */
export class RunningEndpoints {
  readonly #host: EndpointHost
  #started: readonly Started[] = []

  constructor(host: EndpointHost) {
    this.#host = host
  }

  /**
   * Starts the endpoints that have options, one after the other. After an error those that were
   * started stay until they are closed.
   * @throws AgentError AGENT_SERVER, AGENT_FILE, and what the policies throw
   */
  async start(options: EndpointOptions): Promise<void> {
    for (const name of Object.keys(endpoints) as EndpointName[]) await this.#start(name, options)
  }

  async #start<Name extends EndpointName>(name: Name, all: EndpointOptions): Promise<void> {
    const options = all[name]
    if (options === undefined) return
    const endpoint = await endpoints[name]()
    const running = await endpoint.start(options, this.#host, () => this.#statistics())
    const { closesBeforeAgent } = endpoint
    this.#started = [...this.#started, { name, closesBeforeAgent, running }]
  }

  /** What all of them have on its way to clients; undefined: none of them sends events. */
  #statistics(): ClientStatistics | undefined {
    return this.#started.find(({ running }) => running.statistics)?.running.statistics?.()
  }

  /** Where an endpoint listens, the first address first; empty: it does not. */
  addressesOf(wanted: EndpointName): readonly ListenAddress[] {
    return this.#started.find(({ name }) => name === wanted)?.running.addresses ?? []
  }

  /** What the log says about them. */
  get notices(): readonly string[] {
    return this.#started.flatMap(({ running }) => running.notice ?? [])
  }

  /** Closes those that need the agent for that. */
  async closeBeforeAgent(): Promise<void> {
    await this.#close(({ closesBeforeAgent }) => closesBeforeAgent)
  }

  /** Closes all, the last one first. */
  async close(): Promise<void> {
    await this.#close(() => true)
  }

  async #close(isWanted: (started: Started) => boolean): Promise<void> {
    const closing = this.#started.filter(isWanted).reverse()
    this.#started = this.#started.filter((started) => !isWanted(started))
    for (const { running } of closing) await running.close()
  }
}
