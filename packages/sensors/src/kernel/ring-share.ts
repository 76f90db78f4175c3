import type { Code, Condition, IntLike } from '@tetragon-ts/ebpf/lang'
import { events } from './maps.ts'

/**
 * Up to which part of the ring a kind of record may fill it. Fork, exec and exit records may use
 * all of it: neither a policy that posts without pause nor processes with megabytes of arguments
 * can take the reserve that these leave.
 */
const shares = {
  /** Hook records and their long values. */
  hook: 3 / 4,
  /** Long arguments and environments of executed programs. */
  data: 7 / 8,
} as const

/**
 * Whether a record of this size keeps to its share of the ring. The check and the reservation are
 * two steps: each CPU that runs another program in between may exceed the share by one record.
 */
export function keepsReserve(
  k: Code,
  kind: keyof typeof shares,
  ringSize: number,
  size: IntLike,
): Condition {
  // The two positions may be seen in the wrong order: then the ring is about empty.
  return k
    .unconsumed(events)
    .add(size)
    .signedLe(ringSize * shares[kind])
}
