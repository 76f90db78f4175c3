import type { Code, Condition, IntLike } from '@tetragon-ts/ebpf/lang'
import { events } from './maps.ts'

/**
 * Maximum share of the ring for a kind of record. Fork, exec and exit records may use all of it:
 * neither a policy that posts continuously nor processes with megabytes of arguments can use their
 * reserve.
 */
const shares = {
  /** Hook records and their long values. */
  hook: 3 / 4,
  /** The same of policies that enforce: those that only post do not push them out. */
  enforcement: 13 / 16,
  /** Long arguments and environments of executed programs. */
  data: 7 / 8,
} as const

/** Kinds of records that may not use all of the ring. */
type RingShare = keyof typeof shares

/** What records of a kind may use of the ring. */
export interface RingUse {
  /** Of the ring, in bytes. */
  readonly size: number
  readonly share: RingShare
}

/**
 * Whether a record of this size stays within its share of the ring. Check and reservation are two
 * steps: each CPU that runs another program in between may exceed the share by one record.
 */
export function keepsReserve(k: Code, ring: RingUse, size: IntLike): Condition {
  // The two positions may be read out of order: then the ring is almost empty.
  return k
    .unconsumed(events)
    .add(size)
    .signedLe(ring.size * shares[ring.share])
}
