import type { QueuedEvent } from '../../../queue/event-store.ts'
import { type KafkaRecord, sizeOfRecord } from '../records/record-batch.ts'

/** An event as a record. */
export interface EventRecord extends KafkaRecord {
  readonly queued: QueuedEvent
}

/** Records that are one batch. */
export interface Group {
  readonly records: EventRecord[]
  /** What the records take, at most. */
  size: number
  /** Set when it is sent: another attempt sends the same, so that the broker knows it again. */
  sent?: Buffer | undefined
}

/** Groups that wait, by partition, in order. */
export type Lanes = Map<number, Group[]>

/** A partition, as far as choosing one needs it. */
interface Partition {
  readonly index: number
  readonly leader: number
}

/** How records are divided. */
export interface Division {
  readonly partitions: readonly Partition[]
  /** Chooses the partition of records without a key. */
  readonly turn: number
  /** Maximum of a group, in bytes. */
  readonly bytesMax: number
  /** Groups that were sent, of which it is not known whether the broker has them. */
  readonly open: ReadonlyMap<number, Group>
}

/**
 * Divides records into lanes. Groups of unknown outcome come first, as they were sent.
 * @returns undefined if such a group is not among the records any more
 */
export function divide(records: readonly EventRecord[], division: Division): Lanes | undefined {
  const { partitions, open, turn, bytesMax } = division
  const led = partitions.filter(({ leader }) => leader >= 0)
  const free = led.length > 0 ? led : partitions
  const sticky = free[turn % free.length].index
  const lanes: Lanes = new Map()
  const found = new Map<number, EventRecord[]>()
  for (const record of records) {
    if (resume(record, open, found)) continue
    const { key } = record
    const partition =
      key === undefined ? sticky : partitions[partitionOfKey(key, partitions.length)].index
    append(lanes, partition, record, bytesMax)
  }
  const indexes = new Set(open.size === 0 ? [] : partitions.map(({ index }) => index))
  for (const [partition, { records: expected, sent }] of open) {
    const again = found.get(partition) ?? []
    const isThere = indexes.has(partition)
    if (again.length < expected.length || !isThere || sent === undefined) return undefined
    const resumed = { records: again, size: 0, sent }
    lanes.set(partition, [resumed, ...(lanes.get(partition) ?? [])])
  }
  return lanes
}

/** Notes a record that is the next one of an open group. @returns whether it is */
function resume(
  record: EventRecord,
  open: ReadonlyMap<number, Group>,
  found: Map<number, EventRecord[]>,
): boolean {
  for (const [partition, { records }] of open) {
    const before = found.get(partition) ?? []
    const next = records[before.length]
    if (next === undefined || next.key !== record.key || !next.value.equals(record.value)) continue
    before.push(record)
    found.set(partition, before)
    return true
  }
  return false
}

function append(lanes: Lanes, partition: number, record: EventRecord, bytesMax: number): void {
  const groups = lanes.get(partition) ?? []
  lanes.set(partition, groups)
  const size = sizeOfRecord(record)
  const last = groups.at(-1)
  if (last === undefined || last.size + size > bytesMax) groups.push({ records: [record], size })
  else {
    last.records.push(record)
    last.size += size
  }
}

/** Both halves of a group, as new ones. */
export function halves({ records, size }: Group): Group[] {
  const middle = Math.ceil(records.length / 2)
  const parts = [records.slice(0, middle), records.slice(middle)]
  return parts.map((part) => ({ records: part, size: size / 2 }))
}

/**
 * The partition of a key, as in Kafka's own producer: consumers that join topics rely on it.
 * @param count of the partitions
 */
export function partitionOfKey(key: string, count: number): number {
  return (murmur2(Buffer.from(key)) & 0x7fffffff) % count
}

/** MurmurHash2 with Kafka's seed. */
export function murmur2(bytes: Buffer): number {
  const m = 0x5bd1e995
  let hash = 0x9747b28c ^ bytes.length
  let at = 0
  for (; at + 4 <= bytes.length; at += 4) {
    let k = Math.imul(bytes.readInt32LE(at), m)
    k = Math.imul(k ^ (k >>> 24), m)
    hash = Math.imul(hash, m) ^ k
  }
  const left = bytes.length - at
  if (left > 0) hash = Math.imul(hash ^ bytes.readUIntLE(at, left), m)
  hash = Math.imul(hash ^ (hash >>> 13), m)
  return hash ^ (hash >>> 15)
}
