import { SendError } from '../../connection.ts'
import { Broker, type BrokerAddress } from './broker/broker.ts'
import { describeError, remedyOf } from './kafka-errors.ts'
import { metadataRequest, type TopicMetadata } from './wire/requests.ts'

/** Host and port. */
export interface HostPort {
  readonly host: string
  readonly port: number
}

/** Who leads the partitions of the topic. */
export interface Topic {
  /** In order. */
  readonly partitions: TopicMetadata['partitions']
  /** The broker that leads a partition. @throws SendError if there is none */
  leaderOf(partition: number): HostPort
}

/** How long metadata is valid, in milliseconds, unless a broker answers that it is not. */
const metadataMaxAge = 300_000
/** Maximum number of brokers that are asked for metadata in one attempt. */
const attemptsMax = 3
/** The number of LEADER_NOT_AVAILABLE. */
const leaderNotAvailable = 5
/** Brokers of the metadata that are asked when those of the URL do not answer. */
const candidatesMax = 16
/** Connections that stay open; more than are used at a time. Brokers choose how many there are. */
const connectionsMax = 256

/** The brokers of a cluster: which of them leads a partition, and connections to them. */
export class Cluster {
  readonly #topic: string
  readonly #bootstrap: readonly HostPort[]
  /** Files of parameters may be new ones: they are read for each connection. */
  readonly #access: () => Promise<Omit<BrokerAddress, 'host' | 'port'>>
  /** Connections, least recently used first. */
  readonly #open = new Map<string, Broker>()
  #known: Topic | undefined
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

  /** The topic, as the metadata describes it. @throws errors of the network, or SendError */
  async topic(signal: AbortSignal): Promise<Topic> {
    const now = performance.now()
    if (this.#known !== undefined && now - this.#asked < metadataMaxAge) return this.#known
    const metadata = await this.#ask(signal, async (broker) => {
      broker.versionOf('metadata')
      return broker.request(metadataRequest(this.#topic), signal)
    })
    this.#brokers = metadata.brokers.slice(0, candidatesMax)
    if (metadata.error !== 0) {
      const isNew = remedyOf(metadata.error) === 'refresh' ? 'it is missing, or new' : undefined
      throw new SendError('again', `topic ${this.#topic}: ${describeError(metadata.error, isNew)}`)
    }
    if (metadata.partitions.length === 0) {
      throw new SendError('again', `topic ${this.#topic} has no partitions`)
    }
    this.#known = topicOf(this.#topic, metadata)
    this.#asked = now
    return this.#known
  }

  /** Forgets the metadata, which is requested again when it is needed. */
  expire(): void {
    this.#known = undefined
  }

  /** A connection to a broker. @throws errors of the network, or SendError */
  async connect({ host, port }: HostPort, signal: AbortSignal): Promise<Broker> {
    const name = `${host}:${port}`
    const known = this.#open.get(name)
    this.#open.delete(name)
    if (known !== undefined && !known.isClosed) {
      this.#open.set(name, known)
      return known
    }
    const opened = await Broker.open({ host, port, ...(await this.#access()) }, signal)
    this.#open.set(name, opened)
    const [[oldest, broker]] = this.#open
    if (this.#open.size > connectionsMax && this.#open.delete(oldest)) broker.close()
    return opened
  }

  /** A connection to any broker. */
  async any(signal: AbortSignal): Promise<Broker> {
    return this.#ask(signal, async (broker) => broker)
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

function topicOf(name: string, metadata: TopicMetadata): Topic {
  const brokers = new Map(metadata.brokers.map((broker) => [broker.id, broker]))
  const byIndex = new Map(metadata.partitions.map((partition) => [partition.index, partition]))
  return {
    partitions: [...byIndex.values()].sort((a, b) => a.index - b.index),
    leaderOf: (index) => {
      const partition = byIndex.get(index)
      const leader = brokers.get(partition?.leader ?? -1)
      if (leader !== undefined) return leader
      const reason = describeError(partition?.error || leaderNotAvailable)
      throw new SendError('again', `partition ${index} of ${name}: ${reason}`)
    },
  }
}
