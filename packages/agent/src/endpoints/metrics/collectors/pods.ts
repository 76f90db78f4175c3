import { counter, gauge } from '@tetragon-ts/service/metrics'
import type { Collector } from '../metric-source.ts'

const lookups = counter(
  'tetragon_pod_lookups_total',
  'Containers whose pod was looked up in the files of the container runtimes, by result',
  'result',
)

const watchEvents = counter(
  'tetragon_watcher_events_total',
  'Pods that the API server added, changed or removed',
  'watcher',
)
const watchErrors = counter(
  'tetragon_watcher_errors_total',
  'Requests to the API server that failed',
  ...['watcher', 'error'],
)
const deletedHits = gauge(
  'tetragon_watcher_delete_pod_cache_hits',
  'Lookups of pods that found a deleted pod',
)
const deletedEvictions = gauge(
  'tetragon_watcher_delete_pod_cache_evictions',
  'Deleted pods that were evicted by newer ones',
)
const runtimeLookups = counter(
  'tetragon_cri_cgidmap_resolutions_total',
  'Containers that were looked up in the socket of the container runtime',
)
const runtimeErrors = counter(
  'tetragon_cri_cgidmap_resolutions_errors_total',
  'Containers that the container runtime did not answer for',
)
const watcher = 'k8s'

/** Lookups of pods. Failed ones are also losses. */
export const podCollector: Collector = {
  metrics: [
    lookups,
    watchEvents,
    watchErrors,
    deletedHits,
    deletedEvictions,
    runtimeLookups,
    runtimeErrors,
  ],
  collect({ agent }, emit) {
    const { counters } = agent
    emit(lookups, counters.get('podsFound'), 'found')
    emit(lookups, counters.get('podsOther'), 'no_pod')
    emit(lookups, counters.get('podsMissing'), 'no_bundle')
    emit(lookups, counters.get('podsUnsafe'), 'unsafe')
    emit(lookups, counters.get('podsUnreadable'), 'unreadable')
    emit(lookups, counters.get('podsTooLarge'), 'too_large')
    emit(lookups, counters.get('podsMalformed'), 'malformed')
    const { events, errors } = agent.podWatch?.counts ?? { events: 0, errors: 0 }
    emit(watchEvents, events, watcher)
    emit(watchErrors, errors, watcher, 'request')
    const { total, failed } = agent.runtimeLookups?.counts ?? { total: 0, failed: 0 }
    emit(runtimeLookups, total)
    emit(runtimeErrors, failed)
    emit(deletedHits, counters.get('deletedPodHits'))
    emit(deletedEvictions, counters.get('deletedPodEvictions'))
  },
}
