import { Bytes, type Code, type Int } from '@tetragon-ts/ebpf/lang'
import { lruHashMap } from '@tetragon-ts/ebpf/maps'
import { arrayOf, record, u8, u32, u64 } from '@tetragon-ts/ebpf/records'
import { countLoss } from '../kernel/loss.ts'
import { events } from '../kernel/maps.ts'
import { recordKind } from '../records/kinds.ts'

/** Maximum number of starts and ends of processes in a control group within an interval. */
export interface CgroupRate {
  readonly events: number
  /** Nanoseconds. */
  readonly interval: number
}

/** How long a group must stay below the rate before it is reported again, in nanoseconds. */
export const quietTime = 5_000_000_000
/** Interval of reports of ongoing throttling, in nanoseconds. */
export const reportInterval = 1_000_000_000

/** A control group exceeds the rate, still does, or no longer does. */
export const ThrottleRecord = record('throttle', {
  kind: u32,
  isOver: u32,
  cgroup: u64,
  time: u64,
  /** Its own name, zero-terminated. */
  name: arrayOf(u8, 128),
})

const nameMax = ThrottleRecord.shape.name.size

const RateEntry = record('cgroup_rate', {
  /** Start of the current interval, and its number of events. */
  since: u64,
  count: u64,
  /** Nothing is reported until then. */
  until: u64,
  /** Time of the last report; 0 after the report of the end, and before the first one. */
  reported: u64,
})

/** Groups with events; old ones are evicted. */
const cgroupRates = lruHashMap('tg_cgroup_rate', { key: u64, value: RateEntry, maxEntries: 4096 })

/**
 * Counts an event of a control group.
 * @param name address of its name
 * @returns not 0 if the event must be omitted
 */
export function exceedsRate(
  k: Code,
  { events: most, interval }: CgroupRate,
  cgroup: Int,
  name: Int,
): Int {
  const now = k.bootTime()
  const exceeds = k.variable(0)
  const entry = k.lookup(cgroupRates, cgroup)
  k.when(
    entry,
    () => {
      k.when(
        entry.reported.ne(0).and(() => now.ge(entry.until)),
        () => {
          k.assign(entry, { reported: 0, since: now, count: 0 })
          // If it does not fit, the reader detects it by a timeout.
          post(k, { cgroup, name, now, isOver: 0 }, () => {})
        },
      )
      // Another CPU may have started a later interval: then the difference is negative.
      k.when(now.sub(entry.since).signedGe(interval), () => {
        k.assign(entry, { since: now, count: 0 })
      })
      k.increment(entry, 'count')
      k.when(entry.count.gt(most), () => {
        k.assign(entry, { until: now.add(quietTime) })
        k.when(now.sub(entry.reported).signedGe(reportInterval), () => {
          k.assign(entry, { reported: now })
          post(k, { cgroup, name, now, isOver: 1 }, () => k.assign(entry, { reported: 0 }))
        })
      })
      k.when(now.lt(entry.until), () => {
        exceeds.set(1)
        countLoss(k, 'throttled')
      })
    },
    () => {
      // If the table is full, the group is not limited.
      k.update(cgroupRates, cgroup, { since: now, count: 1 })
    },
  )
  return exceeds
}

/** @param full runs if the ring is full */
function post(
  k: Code,
  { cgroup, name, now, isOver }: { cgroup: Int; name: Int; now: Int; isOver: number },
  full: () => void,
): void {
  const space = k.call('ringbuf_reserve', events, ThrottleRecord.size, 0)
  k.when(
    space,
    () => {
      const memory = new Bytes(space.builder, space.register)
      const fields = { kind: recordKind.throttle, isOver, cgroup, time: now }
      k.recordAt(memory, ThrottleRecord, fields)
      k.readKernelString(memory.at(ThrottleRecord.field('name').offset), nameMax, name)
      k.call('ringbuf_submit', space, 0)
    },
    full,
  )
}
