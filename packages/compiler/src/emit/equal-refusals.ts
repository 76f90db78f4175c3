import { onDemand, program } from '@tetragon-ts/ebpf/lang'
import { array, hashMap } from '@tetragon-ts/ebpf/maps'
import { record, u32, u64 } from '@tetragon-ts/ebpf/records'
import { events } from '@tetragon-ts/sensors/kernel/maps'
import { keepsReserve } from '@tetragon-ts/sensors/kernel/ring-share'
import { RefusalReport, refusalsMax } from '@tetragon-ts/sensors/records/hook'
import { recordKind } from '@tetragon-ts/sensors/records/kinds'

// A process that repeats a refused operation floods the ring with equal events. The first hit is
// posted; equal ones of the same generation are counted. User space ends a generation about once a
// second: then no program changes its counts any more, and they are reported through the ring,
// after the records of the first hits.

/** Identifies equal hits of a generation: a hash of their record with a random seed. */
const RefusalKey = record('refusal_key', { a: u64, b: u64, generation: u32, padding: u32 })

/** Hits after the first one. */
const RefusalCount = record('refusal_count', {
  count: u64,
  /** Boot time of the last one. */
  last: u64,
  /** Not 0 if the record of the first hit is in the ring; until then no hit is counted. */
  posted: u32,
  padding: u32,
})

/** Refused operations by what they have in common. */
export const refusals = hashMap('tg_refusals', {
  key: RefusalKey,
  value: RefusalCount,
  maxEntries: refusalsMax,
})

/** The generation in which each refusal is posted. */
export const notCounting = 0xffff_ffff

/** The current generation. */
export const refusalGeneration = array('tg_refusal_gen', { value: u32, maxEntries: 1 })

/**
 * Sends the number of hits that equal a posted one to the reader, in the order of the ring, where a
 * flood of hook records leaves room for it. Returns 1 on success, 0 if the ring has no room.
 */
export function refusalReporter(ringSize: number) {
  const hook = onDemand('generation', 'a', 'b', 'count', 'last')
  return program('tg_refusals', hook, (k, generation, a, b, count, last) => {
    const keeps = keepsReserve(k, { size: ringSize, share: 'data' }, RefusalReport.size)
    k.when(keeps, () => {
      const fields = { kind: recordKind.refusals, generation, a, b, count, last }
      k.submit(events, RefusalReport, fields, () => k.exit(0))
      k.exit(1)
    })
    k.exit(0)
  })
}
