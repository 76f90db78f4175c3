import { sumOf } from '@tetragon-ts/outputs/queue'
import { counter, gauge } from '@tetragon-ts/service/metrics'
import type { Collector } from '../metric-source.ts'

const overflowed = counter(
  'tetragon_notify_overflowed_events_total',
  'Events lost because a client was too slow',
)
const streams = gauge('tetragon_grpc_streams', 'Clients that receive events')
const own = counter(
  'tetragon_grpc_own_events_total',
  'Events of hooks that were not sent to a client because it caused them',
)
const queued = gauge('tetragon_grpc_queued_events', 'Events queued for clients')

export const clients: Collector = {
  metrics: [overflowed, streams, queued, own],
  collect({ clients: statistics }, emit) {
    if (statistics === undefined) return
    emit(overflowed, sumOf(statistics.lost))
    emit(streams, statistics.clients)
    emit(queued, statistics.waiting)
    emit(own, statistics.own)
  },
}
