import { promisify } from 'node:util'
import * as zlib from 'node:zlib'
import type { ProducerId } from '../wire/requests.ts'
import { crc32c } from './crc32c.ts'

type Compress = (bytes: Uint8Array) => Promise<Buffer>

/** In Node.js 22.15, 23.8 and later. */
const { zstdCompress } = zlib as { readonly zstdCompress?: typeof zlib.gzip }

/** Compression of the records of a batch: the number in its attributes, and the function. */
export const compressions = {
  none: { number: 0, compress: async (bytes: Uint8Array) => bytes as Buffer },
  gzip: { number: 1, compress: promisify(zlib.gzip) as Compress },
  zstd: { number: 4, compress: zstdCompress && (promisify(zstdCompress) as Compress) },
} as const

export type CompressionName = keyof typeof compressions

/** What a topic keeps of an event. */
export interface KafkaRecord {
  readonly key: string | undefined
  readonly value: Buffer
  /** Milliseconds since 1970. */
  readonly timestamp: number
}

/** Where a batch is in the sequence of its producer, for one partition. */
export interface SequencedProducer extends ProducerId {
  readonly sequence: number
}

/** Bytes of a batch in front of its records. */
const headSize = 61
/** Where the checksum is, and where what it covers begins. */
const crcAt = 17
const checkedFrom = 21
const magic = 2
/** More than the lengths and numbers of a record take. */
const recordOverhead = 40

/** Maximum size of a record in a batch, in bytes. */
export function sizeOfRecord({ key, value }: KafkaRecord): number {
  return recordOverhead + value.length + (key === undefined ? 0 : key.length * 3)
}

/**
 * Encodes a record batch of format 2 (Kafka 0.11 or newer).
 * @param producer undefined: the broker does not look for duplicates
 */
export async function encodeRecordBatch(
  records: readonly KafkaRecord[],
  compression: CompressionName,
  producer: SequencedProducer | undefined,
): Promise<Buffer> {
  const first = records[0].timestamp
  const { number, compress } = compressions[compression]
  const plain = encodeRecords(records, first)
  const body = compress === undefined ? plain : await compress(plain)
  const batch = Buffer.alloc(headSize + body.length)
  // The broker sets the offset; the length begins after its own field.
  batch.writeInt32BE(batch.length - 12, 8)
  batch.writeInt32BE(-1, 12)
  batch.writeInt8(magic, 16)
  batch.writeInt16BE(number, 21)
  batch.writeInt32BE(records.length - 1, 23)
  batch.writeBigInt64BE(BigInt(first), 27)
  batch.writeBigInt64BE(BigInt(records.reduce((max, r) => Math.max(max, r.timestamp), first)), 35)
  batch.writeBigInt64BE(producer?.id ?? -1n, 43)
  batch.writeInt16BE(producer?.epoch ?? -1, 51)
  batch.writeInt32BE(producer?.sequence ?? -1, 53)
  batch.writeInt32BE(records.length, 57)
  body.copy(batch, headSize)
  batch.writeUInt32BE(crc32c(batch.subarray(checkedFrom)), crcAt)
  return batch
}

function encodeRecords(records: readonly KafkaRecord[], first: number): Buffer {
  const bytes = Buffer.allocUnsafe(records.reduce((sum, each) => sum + sizeOfRecord(each), 0))
  let at = 0
  for (const [index, { key, value, timestamp }] of records.entries()) {
    const keyBytes = key === undefined ? undefined : Buffer.from(key)
    const keyLength = keyBytes === undefined ? -1 : keyBytes.length
    const delta = timestamp - first
    const length =
      2 +
      varintSize(delta) +
      varintSize(index) +
      varintSize(keyLength) +
      Math.max(0, keyLength) +
      varintSize(value.length) +
      value.length
    at = writeVarint(bytes, at, length)
    // No attributes.
    bytes[at++] = 0
    at = writeVarint(bytes, at, delta)
    at = writeVarint(bytes, at, index)
    at = writeVarint(bytes, at, keyLength)
    if (keyBytes !== undefined) at += keyBytes.copy(bytes, at)
    at = writeVarint(bytes, at, value.length)
    at += value.copy(bytes, at)
    // No headers.
    bytes[at++] = 0
  }
  return bytes.subarray(0, at)
}

/** Zigzag: small numbers of both signs are short. Times can need more than 32 bits. */
function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value
}

function varintSize(value: number): number {
  let size = 1
  for (let rest = zigzag(value); rest >= 128; rest = Math.floor(rest / 128)) size++
  return size
}

function writeVarint(bytes: Buffer, at: number, value: number): number {
  let rest = zigzag(value)
  let end = at
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes[end++] = (rest % 128) | 128
  bytes[end++] = rest
  return end
}
