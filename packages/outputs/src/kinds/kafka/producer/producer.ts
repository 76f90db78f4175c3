import { SendError } from '../../../connection.ts'
import type { QueuedEvent } from '../../../queue/event-store.ts'
import type { Broker } from '../broker/broker.ts'
import type { Cluster, HostPort } from '../cluster.ts'
import { describeError, remedyOf } from '../kafka-errors.ts'
import type { CompressionName } from '../records/record-batch.ts'
import { encodeRecordBatch } from '../records/record-batch.ts'
import {
  initProducerIdRequest,
  type PartitionResult,
  type ProducerId,
  produceRequest,
} from '../wire/requests.ts'
import { divide, type EventRecord, type Group, halves, type Lanes } from './lanes.ts'

/** How records are sent. */
export interface ProducerSettings {
  readonly topic: string
  readonly compression: CompressionName
  /** -1: all replicas in sync have the records. 1: the leader has them. */
  readonly acks: -1 | 1
  /** Whether brokers drop what they have already. */
  readonly isIdempotent: boolean
  /** How long replicas may take, in milliseconds. */
  readonly timeoutMs: number
  /** Maximum of a batch, in bytes. */
  readonly bytesMax: number
}

/** What became of records; those in no list were accepted. */
export interface Produced {
  readonly refused: QueuedEvent[]
  readonly again: QueuedEvent[]
  /** Why, of the last one. */
  refusal: string
  reason: string
  /** Milliseconds that a broker asks to wait. */
  throttleMs: number
}

/** Causes that an attempt can remove itself. */
type Cause = 'refresh' | 'new-producer'

/** What is known of the attempt that runs. */
interface Attempt extends Produced {
  readonly lanes: Lanes
  readonly signal: AbortSignal
  /** Causes that were removed already: a second time, they are left to the next attempt. */
  readonly removed: Set<Cause>
  /** Causes that were found in this round. */
  readonly causes: Set<Cause>
  /** A broker does not know the sequence: a new producer begins after the answers of all. */
  isOutOfOrder: boolean
}

/** Leaders that get requests at the same time; brokers choose how many there are. */
const leadersMax = 64
/** Sequence numbers have 31 bits. */
const sequenceLimit = 2 ** 31

/**
 * Sends records to the leaders of their partitions, one batch at a time for each. A batch without
 * an answer is sent again as it was, so that an idempotent broker knows it.
 */
export class Producer {
  readonly #cluster: Cluster
  readonly #settings: ProducerSettings
  #id: ProducerId | undefined
  readonly #sequences = new Map<number, number>()
  /** Sent, and perhaps accepted. */
  readonly #open = new Map<number, Group>()
  #turn = 0

  constructor(cluster: Cluster, settings: ProducerSettings) {
    this.#cluster = cluster
    this.#settings = settings
  }

  /** @throws errors of the network, SendError, or the reason of the signal, if nothing was sent */
  async send(records: readonly EventRecord[], signal: AbortSignal): Promise<Produced> {
    const { partitions } = await this.#cluster.topic(signal)
    const lanes = this.#divide(records, partitions)
    const result = { refused: [], again: [], refusal: '', reason: '', throttleMs: 0 }
    const causes = { removed: new Set<Cause>(), causes: new Set<Cause>(), isOutOfOrder: false }
    const attempt: Attempt = { ...result, lanes, signal, ...causes }
    while (lanes.size > 0) {
      if (this.#settings.isIdempotent) await this.#identify(attempt)
      await this.#round(attempt)
      if (attempt.isOutOfOrder) this.#startAnew(attempt)
      for (const cause of attempt.causes) attempt.removed.add(cause)
    }
    const again = new Set(attempt.again)
    return { ...attempt, again: records.map(({ queued }) => queued).filter((e) => again.has(e)) }
  }

  #divide(
    records: readonly EventRecord[],
    partitions: readonly { readonly index: number; readonly leader: number }[],
  ): Lanes {
    const { bytesMax } = this.#settings
    const common = { partitions, bytesMax, turn: this.#turn++ }
    const lanes = divide(records, { ...common, open: this.#open })
    if (lanes !== undefined) return lanes
    // The brokers may have a group that is gone: where its sequence continues is unknown.
    this.#forget()
    return divide(records, { ...common, open: this.#open }) as Lanes
  }

  /** Starts as a new producer: the brokers do not know its batches. */
  #forget(): void {
    this.#id = undefined
    this.#sequences.clear()
    this.#open.clear()
  }

  async #identify(attempt: Attempt): Promise<void> {
    if (this.#id !== undefined) return
    try {
      const broker = await this.#cluster.any(attempt.signal)
      broker.versionOf('initProducerId')
      const { error, ...id } = await broker.request(initProducerIdRequest, attempt.signal)
      if (error !== 0) throw new SendError('again', describeError(error))
      this.#id = id
    } catch (error) {
      for (const partition of [...attempt.lanes.keys()]) {
        this.#postpone(attempt, partition, (error as Error).message)
      }
    }
  }

  /** Sends the first group of each lane, as far as there are not too many leaders. */
  async #round(attempt: Attempt): Promise<void> {
    const byLeader = new Map<string, { leader: HostPort; partitions: number[] }>()
    const topic = await this.#cluster.topic(attempt.signal).catch((error: Error) => error)
    for (const partition of [...attempt.lanes.keys()]) {
      try {
        if (topic instanceof Error) throw topic
        const leader = topic.leaderOf(partition)
        const name = `${leader.host}:${leader.port}`
        const entry = byLeader.get(name) ?? { leader, partitions: [] }
        if (entry.partitions.length === 0 && byLeader.size === leadersMax) continue
        entry.partitions.push(partition)
        byLeader.set(name, entry)
      } catch (error) {
        this.#cluster.expire()
        this.#postpone(attempt, partition, (error as Error).message)
      }
    }
    const requests = [...byLeader.values()]
    await Promise.all(requests.map((each) => this.#request(attempt, each.leader, each.partitions)))
  }

  async #request(attempt: Attempt, leader: HostPort, partitions: number[]): Promise<void> {
    try {
      const broker = await this.#cluster.connect(leader, attempt.signal)
      const { results, throttleMs } = await this.#produce(attempt, broker, partitions)
      attempt.throttleMs = Math.max(attempt.throttleMs, throttleMs)
      const byPartition = new Map(results.map((result) => [result.partition, result]))
      for (const partition of partitions) {
        const result = byPartition.get(partition)
        const missing = { partition, error: -1, message: 'the response has no result' }
        this.#settle(attempt, result ?? missing)
      }
    } catch (error) {
      this.#cluster.expire()
      for (const partition of partitions) {
        this.#postpone(attempt, partition, (error as Error).message)
      }
    }
  }

  async #produce({ lanes, signal }: Attempt, broker: Broker, partitions: readonly number[]) {
    const version = broker.versionOf('produce')
    const batches = []
    for (const partition of partitions) {
      const [group] = lanes.get(partition) as Group[]
      group.sent ??= await this.#encode(partition, group)
      this.#open.set(partition, group)
      batches.push({ partition, bytes: group.sent })
    }
    return broker.request(produceRequest(this.#settings, batches, version), signal)
  }

  #encode(partition: number, { records }: Group): Promise<Buffer> {
    const sequence = this.#sequences.get(partition) ?? 0
    const producer = this.#id && { ...this.#id, sequence }
    return encodeRecordBatch(records, this.#settings.compression, producer)
  }

  #settle(attempt: Attempt, { partition, error, message }: PartitionResult): void {
    const groups = attempt.lanes.get(partition) as Group[]
    const [group] = groups
    const { length } = group.records
    const remedy = error === 0 ? 'accepted' : remedyOf(error)
    const reason = describeError(error, message)
    if (remedy === 'accepted') {
      const sequence = (this.#sequences.get(partition) ?? 0) + length
      this.#sequences.set(partition, sequence % sequenceLimit)
      this.#replaceFirst(attempt, partition, [])
    } else if (remedy === 'split') {
      this.#replaceFirst(attempt, partition, length > 1 ? halves(group) : [])
      if (length > 1) return
      attempt.refused.push(group.records[0].queued)
      attempt.refusal = reason
    } else {
      if (remedy === 'refresh') this.#cluster.expire()
      if (remedy === 'new-producer') attempt.isOutOfOrder = true
      // The next round sends the group again.
      if (remedy !== 'again' && !attempt.removed.has(remedy)) attempt.causes.add(remedy)
      else this.#postpone(attempt, partition, reason)
    }
  }

  #startAnew(attempt: Attempt): void {
    attempt.isOutOfOrder = false
    this.#forget()
    for (const groups of attempt.lanes.values()) groups[0].sent = undefined
  }

  #replaceFirst({ lanes }: Attempt, partition: number, by: readonly Group[]): void {
    const groups = lanes.get(partition) as Group[]
    this.#open.delete(partition)
    groups.splice(0, 1, ...by)
    if (groups.length === 0) lanes.delete(partition)
  }

  /** Leaves all groups of a partition to the next attempt. */
  #postpone(attempt: Attempt, partition: number, reason: string): void {
    const groups = attempt.lanes.get(partition) ?? []
    attempt.lanes.delete(partition)
    attempt.reason = reason
    for (const { records } of groups) attempt.again.push(...records.map(({ queued }) => queued))
  }
}
