import type { WireReader } from './wire-reader.ts'
import { WireWriter } from './wire-writer.ts'

/** A request, and how its response is read. */
export interface KafkaRequest<Response> {
  /** Number of the API. */
  readonly api: number
  readonly version: number
  readonly body: Buffer
  read(reader: WireReader): Response
}

/** Versions of an API that a broker has. */
export interface VersionRange {
  readonly min: number
  readonly max: number
}

/** The APIs that a producer needs, by name: number, and the versions that are implemented. */
export const apis = {
  produce: { number: 0, min: 3, max: 8 },
  metadata: { number: 3, min: 4, max: 4 },
  saslHandshake: { number: 17, min: 1, max: 1 },
  apiVersions: { number: 18, min: 0, max: 0 },
  initProducerId: { number: 22, min: 0, max: 0 },
  saslAuthenticate: { number: 36, min: 0, max: 1 },
} as const

/** APIs of the broker, and their versions; the only request that all brokers know. */
export const apiVersionsRequest: KafkaRequest<{
  readonly error: number
  readonly versions: ReadonlyMap<number, VersionRange>
}> = {
  api: apis.apiVersions.number,
  version: 0,
  body: Buffer.alloc(0),
  read: (reader) => {
    const error = reader.int16()
    const ranges = reader.array((item) => {
      return [item.int16(), { min: item.int16(), max: item.int16() }] as const
    })
    return { error, versions: new Map(ranges) }
  },
}

/** Where the parts of a topic are. */
export interface TopicMetadata {
  readonly brokers: readonly { readonly id: number; readonly host: string; readonly port: number }[]
  readonly error: number
  readonly partitions: readonly {
    readonly error: number
    readonly index: number
    /** Id of a broker; negative if there is none. */
    readonly leader: number
  }[]
}

/** Asks for brokers and partitions. The broker may create the topic, if it is set to. */
export function metadataRequest(topic: string): KafkaRequest<TopicMetadata> {
  const body = new WireWriter().array([topic], (name, writer) => writer.string(name)).int8(1).result
  const read = (reader: WireReader): TopicMetadata => {
    reader.int32()
    const brokers = reader.array((item) => {
      const broker = { id: item.int32(), host: item.string() ?? '', port: item.int32() }
      item.string()
      return broker
    })
    reader.string()
    reader.int32()
    const topics = reader.array((item) => {
      const error = item.int16()
      const name = item.string()
      item.int8()
      return { name, error, partitions: item.array(readPartition) }
    })
    const found = topics.find(({ name }) => name === topic)
    if (found === undefined) throw new RangeError('the response has another topic')
    return { brokers, error: found.error, partitions: found.partitions }
  }
  return { api: apis.metadata.number, version: 4, body, read }
}

function readPartition(reader: WireReader): TopicMetadata['partitions'][number] {
  const error = reader.int16()
  const partition = { error, index: reader.int32(), leader: reader.int32() }
  reader.array((replica) => replica.int32())
  reader.array((inSync) => inSync.int32())
  return partition
}

/** Who a producer is for the brokers, which drop batches that they have from it. */
export interface ProducerId {
  readonly id: bigint
  readonly epoch: number
}

/** Asks for the id of a new producer, without transactions. */
export const initProducerIdRequest: KafkaRequest<ProducerId & { readonly error: number }> = {
  api: apis.initProducerId.number,
  version: 0,
  body: new WireWriter().string(undefined).int32(60_000).result,
  read: (reader) => {
    reader.int32()
    return { error: reader.int16(), id: reader.int64(), epoch: reader.int16() }
  },
}

/** A batch for a partition. */
export interface PartitionBatch {
  readonly partition: number
  readonly bytes: Buffer
}

/** What became of the batch of a partition. */
export interface PartitionResult {
  readonly partition: number
  readonly error: number
  readonly message: string | undefined
}

/** What a broker answers to batches. */
export interface ProduceResponse {
  readonly results: readonly PartitionResult[]
  /** Milliseconds that the broker asks to wait. */
  readonly throttleMs: number
}

/** Sends batches to the leader of their partitions. @param acks -1: all replicas in sync */
export function produceRequest(
  { topic, acks, timeoutMs }: { topic: string; acks: number; timeoutMs: number },
  batches: readonly PartitionBatch[],
  version: number,
): KafkaRequest<ProduceResponse> {
  const body = new WireWriter()
    .string(undefined)
    .int16(acks)
    .int32(timeoutMs)
    .array([topic], (name, writer) => {
      writer.string(name).array(batches, ({ partition, bytes }) => {
        writer.int32(partition).bytes(bytes)
      })
    }).result
  const read = (reader: WireReader): ProduceResponse => {
    const topics = reader.array((item) => {
      item.string()
      return item.array((each) => readResult(each, version))
    })
    return { results: topics.flat(), throttleMs: reader.int32() }
  }
  return { api: apis.produce.number, version, body, read }
}

function readResult(reader: WireReader, version: number): PartitionResult {
  const partition = reader.int32()
  const error = reader.int16()
  // Offset, and time of the broker.
  reader.int64()
  reader.int64()
  if (version >= 5) reader.int64()
  if (version < 8) return { partition, error, message: undefined }
  const records = reader.array((record) => {
    record.int32()
    return record.string()
  })
  return { partition, error, message: reader.string() ?? records.find(Boolean) }
}

/** Names the mechanism of a login. */
export function saslHandshakeRequest(
  mechanism: string,
): KafkaRequest<{ readonly error: number; readonly mechanisms: readonly string[] }> {
  return {
    api: apis.saslHandshake.number,
    version: 1,
    body: new WireWriter().string(mechanism).result,
    read: (reader) => {
      return { error: reader.int16(), mechanisms: reader.array((item) => item.string() ?? '') }
    },
  }
}

/** Sends a message of the mechanism. */
export function saslAuthenticateRequest(
  message: Buffer,
  version: number,
): KafkaRequest<{
  readonly error: number
  readonly message: string | undefined
  readonly answer: Buffer
  /** Milliseconds until the broker ends the session; 0: never. */
  readonly lifetimeMs: number
}> {
  return {
    api: apis.saslAuthenticate.number,
    version,
    body: new WireWriter().bytes(message).result,
    read: (reader) => {
      const error = reader.int16()
      const text = reader.string()
      const answer = reader.bytes()
      const lifetimeMs = version >= 1 ? Number(reader.int64()) : 0
      return { error, message: text, answer, lifetimeMs }
    },
  }
}
