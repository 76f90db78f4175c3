import { type Collector, counter, gauge } from '../metric.ts'

const exported = counter('tetragon_events_exported_total', 'Events that were exported')
const bytes = counter('tetragon_events_exported_bytes_total', 'Bytes of events that were exported')
const limited = counter(
  'tetragon_export_ratelimit_events_dropped_total',
  'Events that the rate limit kept out of the export',
)
const last = gauge(
  'tetragon_events_last_exported_timestamp',
  'When events were exported last, in seconds since 1970',
)
const queued = gauge(
  'tetragon_export_queue_bytes',
  'Bytes of events that wait until their receiver takes them',
)

export const exportCollector: Collector = {
  metrics: [exported, bytes, limited, last, queued],
  collect({ agent: { counters } }, emit) {
    emit(exported, counters.get('exported'))
    emit(bytes, counters.get('exportedBytes'))
    emit(limited, counters.get('exportRateLimited'))
    emit(last, counters.get('exportedAt'))
    emit(queued, counters.get('exportQueued'))
  },
}
