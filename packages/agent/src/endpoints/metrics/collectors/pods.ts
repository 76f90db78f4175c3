import { type Collector, counter } from '../metric.ts'

const lookups = counter(
  'tetragon_pod_lookups_total',
  'Containers whose pod was looked up in the bundle of the container runtime, by result',
  'result',
)

/** Lookups of pods. Those that failed are also losses. */
export const podCollector: Collector = {
  metrics: [lookups],
  collect({ agent }, emit) {
    const { counters } = agent
    emit(lookups, counters.get('podsFound'), 'found')
    emit(lookups, counters.get('podsOther'), 'no_pod')
    emit(lookups, counters.get('podsMissing'), 'no_bundle')
    emit(lookups, counters.get('podsUnsafe'), 'unsafe')
    emit(lookups, counters.get('podsUnreadable'), 'unreadable')
    emit(lookups, counters.get('podsTooLarge'), 'too_large')
    emit(lookups, counters.get('podsMalformed'), 'malformed')
  },
}
