import { SendError } from '../../connection.ts'
import { Broker, type BrokerAddress } from './broker/broker.ts'
import { describeError, remedyOf } from './kafka-errors.ts'
import { metadataRequest, type TopicMetadata } from './wire/requests.ts'

/** Host and port. */
export interface HostPort {
  readonly host: string
  readonly port: number
}

/** How long it counts which brokers lead, in milliseconds, unless one says otherwise before. */
const metadataMaxAge = 300_000
/** Most brokers that are asked for metadata in one attempt. */
const attemptsMax = 3

/** The brokers of a cluster: which of them leads a partition, and connections to them. */
export class Cluster {
  readonly #topic: string
  readonly #bootstrap: readonly HostPort[]
  /** Files of parameters may be new ones: they are read for each connection. */
  readonly #access: () => Promise<Omit<BrokerAddress, 'host' | 'port'>>
  readonly #open = new Map<string, Broker>()
  #metadata: TopicMetadata | undefined
  /** Brokers that were known last: they can answer when those of the URL do not. */
  #brokers: readonly HostPort[] = []
  #asked = 0
  /** The broker that is asked first. */
  #turn = 0

  constructor(
    topic: string,
    bootstrap: readonly HostPort[],
    access: () => Promise<Omit<BrokerAddress, 'host' | 'port'>>,
  ) {
    this.#topic = topic
    this.#bootstrap = bootstrap
    this.#access = access
  }

  /** The partitions, in order. */
  async partitions(signal: AbortSignal): Promise<TopicMetadata['partitions']> {
    return (await this.#current(signal)).partitions
  }

  /** The broker that leads a partition. @throws SendError if there is none */
  async leaderOf(partition: number, signal: AbortSignal): Promise<HostPort> {
    const { partitions, brokers } = await this.#current(signal)
    const found = partitions.find(({ index }) => index === partition)
    const leader = brokers.find(({ id }) => id === found?.leader)
    if (leader !== undefined) return leader
    const reason = describeError(found?.error || 5)
    throw new SendError('again', `partition ${partition} of ${this.#topic}: ${reason}`)
  }

  /** Has the metadata asked for again when it is needed. */
  expire(): void {
    this.#metadata = undefined
  }

  /** A connection to a broker. @throws errors of the network, or SendError */
  async connect({ host, port }: HostPort, signal: AbortSignal): Promise<Broker> {
    const name = `${host}:${port}`
    const known = this.#open.get(name)
    if (known !== undefined && !known.isClosed) return known
    this.#open.delete(name)
    const opened = await Broker.open({ host, port, ...(await this.#access()) }, signal)
    this.#open.set(name, opened)
    return opened
  }

  /** A connection to any broker. */
  async any(signal: AbortSignal): Promise<Broker> {
    return this.#ask(signal, async (broker) => broker)
  }

  async #current(signal: AbortSignal): Promise<TopicMetadata> {
    const now = performance.now()
    if (this.#metadata !== undefined && now - this.#asked < metadataMaxAge) return this.#metadata
    const metadata = await this.#ask(signal, async (broker) => {
      broker.versionOf('metadata')
      return broker.request(metadataRequest(this.#topic), signal)
    })
    this.#brokers = metadata.brokers
    if (metadata.error !== 0) {
      const isNew = remedyOf(metadata.error) === 'refresh' ? 'it is missing, or new' : undefined
      throw new SendError('again', `topic ${this.#topic}: ${describeError(metadata.error, isNew)}`)
    }
    if (metadata.partitions.length === 0) {
      throw new SendError('again', `topic ${this.#topic} has no partitions`)
    }
    const partitions = [...metadata.partitions].sort((a, b) => a.index - b.index)
    this.#metadata = { ...metadata, partitions }
    this.#asked = now
    this.#closeOthers(metadata.brokers)
    return this.#metadata
  }

  /** Brokers that have left the cluster need no connection. */
  #closeOthers(brokers: readonly HostPort[]): void {
    const names = new Set(
      [...brokers, ...this.#bootstrap].map(({ host, port }) => `${host}:${port}`),
    )
    for (const [name, broker] of this.#open) {
      if (names.has(name)) continue
      broker.close()
      this.#open.delete(name)
    }
  }

  /** Asks one broker after another, until one answers. @throws why the last one did not */
  async #ask<T>(signal: AbortSignal, action: (broker: Broker) => Promise<T>): Promise<T> {
    const candidates = [...this.#bootstrap, ...this.#brokers]
    let failure: unknown
    for (let attempt = 0; attempt < Math.min(attemptsMax, candidates.length); attempt++) {
      const candidate = candidates[this.#turn % candidates.length]
      try {
        return await action(await this.connect(candidate, signal))
      } catch (error) {
        failure = error
        this.#turn++
        if (signal.aborted) break
      }
    }
    throw failure
  }

  close(): void {
    for (const broker of this.#open.values()) broker.close()
    this.#open.clear()
  }
}
