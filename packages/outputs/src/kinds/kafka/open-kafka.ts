import type { Event } from '@tetragon-ts/api'
import { BadValue } from '@tetragon-ts/service/options'
import type { Connection, Receipt, Target } from '../../connection.ts'
import { nanosecondsOf } from '../../events/event-fields.ts'
import { readSecret } from '../../network/request-parameters.ts'
import { hostOf } from '../../network/stream.ts'
import { readTlsFiles, type TlsValues } from '../../network/tls-parameters.ts'
import type { QueuedEvent } from '../../queue/event-store.ts'
import { factsOf } from '../../schemas/event-facts.ts'
import { type SchemaName, schemas } from '../../schemas/index.ts'
import { type EncodedEvent, encodeEvents } from '../../schemas/schema.ts'
import type { BrokerAddress } from './broker/broker.ts'
import type { SaslLogin } from './broker/log-in.ts'
import { Cluster, type HostPort } from './cluster.ts'
import type { EventRecord } from './producer/lanes.ts'
import { Producer } from './producer/producer.ts'
import { type CompressionName, compressions } from './records/record-batch.ts'

/** Keys of records by name: events with the same key stay in order. Undefined: any partition. */
const eventKeys = {
  node: (_event, nodeName) => nodeName,
  pod: (event, nodeName) => {
    const pod = factsOf(event).process?.pod
    return pod?.name === undefined ? nodeName : `${pod.namespace ?? ''}/${pod.name}`
  },
  process: (event, nodeName) => factsOf(event).process?.exec_id || nodeName,
  none: () => undefined,
} as const satisfies Record<string, (event: Event, nodeName: string) => string | undefined>

export type EventKeyName = keyof typeof eventKeys

/** Values of the parameters. */
interface KafkaValues extends TlsValues {
  readonly schema: SchemaName
  readonly topic: string
  readonly broker: readonly HostPort[]
  readonly key: EventKeyName
  readonly acks: 'all' | 'leader'
  readonly 'allow-duplicates': boolean
  readonly compression: CompressionName
  readonly user: string
  readonly 'password-file': string
  readonly sasl: SaslLogin['mechanism']
  readonly 'batch-events': number
  readonly 'batch-size': number
  readonly 'batch-wait': number
  readonly timeout: number
}

const usualPort = 9092
/** The part of the time limit that replicas have: the answer takes time, too. */
const replicaShare = 0.8

/** Opens an output to a topic of Kafka. @throws BadValue if a file cannot be read */
export async function openKafka(target: Target<KafkaValues>): Promise<Connection> {
  if (compressions[target.values.compression].compress === undefined) {
    throw new BadValue('compression: zstd needs Node.js 22.15, 23.8 or newer')
  }
  const connection = new KafkaConnection(target)
  await connection.access()
  return connection
}

class KafkaConnection implements Connection {
  readonly batch
  readonly #target: Target<KafkaValues>
  readonly #cluster: Cluster
  readonly #producer: Producer

  constructor(target: Target<KafkaValues>) {
    const { url, values } = target
    this.#target = target
    const { topic, acks, compression, 'batch-size': bytes, 'batch-events': events } = values
    this.batch = { events, bytes, linger: events > 1 ? values['batch-wait'] : 0 }
    const first = { host: hostOf(url), port: url.port === '' ? usualPort : Number(url.port) }
    this.#cluster = new Cluster(topic, [first, ...values.broker], () => this.access())
    this.#producer = new Producer(this.#cluster, {
      ...{ topic, compression, bytesMax: bytes },
      acks: acks === 'all' ? -1 : 1,
      isIdempotent: acks === 'all' && !values['allow-duplicates'],
      timeoutMs: Math.ceil(values.timeout * replicaShare),
    })
  }

  /** Reads the files of parameters, which may be new ones. @throws BadValue */
  async access(): Promise<Omit<BrokerAddress, 'host' | 'port'>> {
    const { url, values, nodeName } = this.#target
    const tls = url.protocol === 'kafka+tls:' ? await readTlsFiles(values) : undefined
    const password = (await readSecret(values['password-file']))?.toString('utf8')
    const login = password === undefined ? undefined : { user: values.user, password }
    return {
      tls,
      login: login && { ...login, mechanism: values.sasl },
      clientId: `tetragon-${nodeName}`,
    }
  }

  async send(events: readonly QueuedEvent[], signal: AbortSignal): Promise<Receipt> {
    const { encoded, wrong } = encodeEvents(
      events,
      schemas[this.#target.values.schema],
      this.#target,
    )
    const records = encoded.map((each) => this.#record(each))
    const { refused, again, refusal, reason, throttleMs } =
      records.length === 0 ? nothing : await this.#producer.send(records, signal)
    const all = [...wrong, ...refused]
    return {
      ...(all.length > 0 ? { refused: { events: all, reason: refusal || 'not events' } } : {}),
      ...(again.length > 0 ? { again: { events: again, reason } } : {}),
      ...(throttleMs > 0 ? { pauseMs: throttleMs } : {}),
    }
  }

  #record({ queued, event, json }: EncodedEvent): EventRecord {
    const { values, nodeName } = this.#target
    const ns = nanosecondsOf(event.response.time)
    const timestamp = ns === undefined ? queued.arrived : Number(BigInt(ns) / 1_000_000n)
    const key = eventKeys[values.key](event, nodeName)
    return { queued, key, value: Buffer.from(json), timestamp }
  }

  close(): void {
    this.#cluster.close()
  }
}

/** What became of no records. */
const nothing = { refused: [], again: [], refusal: '', reason: '', throttleMs: 0 } as const
