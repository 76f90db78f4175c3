import type { ListenAddress } from '@tetragon-ts/service/listen'
import type { Endpoint, EndpointHost, OtherEndpoints, RunningEndpoint } from './endpoint.ts'
import { type EndpointName, type EndpointOptions, endpoints } from './index.ts'

interface Started extends Pick<Endpoint<never>, 'closesBeforeAgent'> {
  readonly name: EndpointName
  readonly running: RunningEndpoint
}

/** The endpoints of the daemon. */
export class RunningEndpoints {
  readonly #host: EndpointHost
  #started: readonly Started[] = []
  readonly #others: OtherEndpoints = {
    clients: () => this.#started.find(({ running }) => running.statistics)?.running.statistics?.(),
    metricOutputs: () => this.#started.flatMap(({ running }) => running.metricOutputs?.() ?? []),
  }
  #isStuck = false

  constructor(host: EndpointHost) {
    this.#host = host
  }

  /**
   * Starts the endpoints that have options, one after the other. After an error, started ones stay
   * until they are closed.
   * @throws AgentError AGENT_SERVER, AGENT_FILE, AGENT_OPTION, and errors of the policies
   */
  async start(options: EndpointOptions): Promise<void> {
    for (const name of Object.keys(endpoints) as EndpointName[]) await this.#start(name, options)
  }

  async #start<Name extends EndpointName>(name: Name, all: EndpointOptions): Promise<void> {
    const options = all[name]
    if (options === undefined) return
    const endpoint = await endpoints[name]()
    const running = await endpoint.start(options, this.#host, this.#others)
    const { closesBeforeAgent } = endpoint
    this.#started = [...this.#started, { name, closesBeforeAgent, running }]
  }

  /** Addresses of an endpoint, the first one first; empty: not started. */
  addressesOf(wanted: EndpointName): readonly ListenAddress[] {
    return this.#started.find(({ name }) => name === wanted)?.running.addresses ?? []
  }

  /** Messages for the log. */
  get notices(): readonly string[] {
    return this.#started.flatMap(({ running }) => running.notice ?? [])
  }

  /** Whether a client keeps the process alive after all are closed. */
  get isStuck(): boolean {
    return this.#isStuck
  }

  /** Closes those that need the running agent. */
  async closeBeforeAgent(): Promise<void> {
    await this.#close(({ closesBeforeAgent }) => closesBeforeAgent)
  }

  /** Closes all, in reverse order. */
  async close(): Promise<void> {
    await this.#close(() => true)
  }

  async #close(isWanted: (started: Started) => boolean): Promise<void> {
    const closing = this.#started.filter(isWanted).reverse()
    this.#started = this.#started.filter((started) => !isWanted(started))
    for (const { name, running } of closing) {
      await running.close().catch((error: Error) => {
        this.#host.log.error(`close ${name}: ${error.message}`)
      })
      this.#isStuck ||= running.isStuck === true
    }
  }
}
