import { counter, gauge } from '@tetragon-ts/service/metrics'
import type { Collector } from '../metric-source.ts'

const exported = counter('tetragon_events_exported_total', 'Events that were exported')
const bytes = counter('tetragon_events_exported_bytes_total', 'Bytes of events that were exported')
const limited = counter(
  'tetragon_export_ratelimit_events_dropped_total',
  'Events omitted from the export by its rate limit',
)
const last = gauge(
  'tetragon_events_last_exported_timestamp',
  'Time of the last export, in seconds since 1970',
)
const queued = gauge('tetragon_export_queue_bytes', 'Bytes of events queued for the export')

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
