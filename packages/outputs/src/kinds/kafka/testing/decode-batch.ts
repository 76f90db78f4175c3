import { gunzipSync } from 'node:zlib'
import { crc32c } from '../records/crc32c.ts'

/** A record batch, as a broker reads it. */
export interface DecodedBatch {
  readonly producerId: bigint
  readonly epoch: number
  readonly sequence: number
  readonly maxTimestamp: number
  readonly records: readonly {
    readonly key: string | undefined
    readonly value: string
    readonly timestamp: number
  }[]
}

/** Decodes a record batch. @throws if it is not one of format 2 */
export function decodeBatch(bytes: Buffer): DecodedBatch {
  const expect = (what: string, actual: unknown, expected: unknown): void => {
    if (actual !== expected) throw new Error(`${what} is ${actual}, not ${expected}`)
  }
  expect('length', bytes.readInt32BE(8), bytes.length - 12)
  expect('format', bytes[16], 2)
  expect('checksum', bytes.readUInt32BE(17), crc32c(bytes.subarray(21)))
  const count = bytes.readInt32BE(57)
  expect('last offset', bytes.readInt32BE(23), count - 1)
  const first = Number(bytes.readBigInt64BE(27))
  const body = bytes.subarray(61)
  const plain = bytes.readInt16BE(21) === 1 ? gunzipSync(body) : body
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = plain[at++]
      value += (byte & 127) * factor
      if (byte < 128) return value % 2 === 0 ? value / 2 : -(value + 1) / 2
    }
  }
  const text = (): string | undefined => {
    const length = varint()
    at += Math.max(0, length)
    return length < 0 ? undefined : plain.toString('utf8', at - length, at)
  }
  const records = Array.from({ length: count }, (_, index) => {
    const end = varint() + at
    expect('attributes', plain[at++], 0)
    const timestamp = first + varint()
    expect('offset', varint(), index)
    const record = { timestamp, key: text(), value: text() ?? '' }
    expect('headers', varint(), 0)
    expect('end of the record', at, end)
    return record
  })
  expect('end of the batch', at, plain.length)
  return {
    producerId: bytes.readBigInt64BE(43),
    epoch: bytes.readInt16BE(51),
    sequence: bytes.readInt32BE(53),
    maxTimestamp: Number(bytes.readBigInt64BE(35)),
    records,
  }
}
