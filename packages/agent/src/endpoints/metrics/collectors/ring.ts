import type { LossKind } from '@tetragon-ts/sensors'
import { recordKind } from '@tetragon-ts/sensors'
import { counter, gauge, histogram } from '@tetragon-ts/service/metrics'
import { latencyBounds } from '../../../reader/latencies.ts'
import type { Collector } from '../metric-source.ts'

const received = counter(
  'tetragon_observer_ringbuf_events_received_total',
  'Records read from the ring buffer',
)
const lost = counter(
  'tetragon_observer_ringbuf_events_lost_total',
  'Records lost because the ring buffer was full',
)
const missed = counter(
  'tetragon_bpf_missed_events_total',
  'Records lost because the ring buffer was full, by kind',
  'msg_op',
  'error',
)
const operations = counter(
  'tetragon_msg_op_total',
  'Records read from the ring buffer, by kind',
  'msg_op',
)
const capacity = gauge('tetragon_ringbuf_capacity_bytes', 'Size of the ring buffer')
const pending = gauge('tetragon_ringbuf_pending_bytes', 'Bytes in the ring buffer at the last read')
const peak = gauge('tetragon_ringbuf_peak_bytes', 'Maximum number of bytes in the ring buffer')
const latency = histogram(
  'tetragon_handling_latency',
  'Time to turn a record into an event, in microseconds',
  'op',
)

/** Message types of the original for our kinds of records. */
const operationOf = { exec: '5', exit: '7', hook: '13', fork: '23', data: '24' } as const
type Operation = keyof typeof operationOf

/** Losses of records that did not fit into the ring. */
const lossesOf: Readonly<Record<Operation, readonly LossKind[]>> = {
  exec: ['exec', 'running'],
  exit: ['exit'],
  hook: ['hook'],
  fork: ['fork'],
  data: ['data'],
}

const operationOfKind: Readonly<Record<number, Operation>> = {
  [recordKind.exec]: 'exec',
  [recordKind.running]: 'exec',
  [recordKind.exit]: 'exit',
  [recordKind.hook]: 'hook',
  [recordKind.fork]: 'fork',
  [recordKind.data]: 'data',
  [recordKind.hookPiece]: 'data',
}

export const ring: Collector = {
  metrics: [received, lost, missed, operations, capacity, pending, peak, latency],
  collect({ agent, totals }, emit) {
    const { counters } = agent
    const losses = agent.losses()
    emit(received, counters.get('records'))
    let sum = 0
    for (const operation of Object.keys(operationOf) as Operation[]) {
      const number = operationOf[operation]
      emit(operations, counters.get(`${operation}Records`), number)
      const count = lossesOf[operation].reduce((all, kind) => all + losses[kind], 0)
      emit(missed, count, number, 'ENOSPC')
      sum += count
    }
    emit(lost, sum)
    emit(capacity, agent.ringSize)
    emit(pending, counters.get('ringPending'))
    emit(peak, counters.get('ringPeak'))
    for (const [operation, distribution] of latencies(totals.latencies)) {
      emit(latency, { bounds: latencyBounds, ...distribution }, operationOf[operation])
    }
  },
}

/** Kinds of records that are one operation. */
function latencies(byKind: Parameters<Collector['collect']>[0]['totals']['latencies']) {
  const merged = new Map<Operation, { counts: number[]; sum: number }>()
  for (const [kind, { counts, sum }] of byKind) {
    const operation = operationOfKind[kind]
    const before = merged.get(operation)
    merged.set(operation, {
      counts: counts.map((count, i) => count + (before?.counts[i] ?? 0)),
      sum: sum + (before?.sum ?? 0),
    })
  }
  return merged
}
