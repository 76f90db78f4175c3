import { counter, gauge } from '@tetragon-ts/service/metrics'
import type { Collector } from '../metric-source.ts'

const capacity = gauge(
  'tetragon_process_cache_capacity',
  'Maximum number of processes in the process table',
)
const size = gauge('tetragon_process_cache_size', 'Cached processes, including ended ones')
const misses = counter(
  'tetragon_process_cache_misses_total',
  'Lookups of processes that are not cached',
  'operation',
)
const missing = counter(
  'tetragon_events_missing_process_info_total',
  'Events with an unknown process',
)
/** The process table has its name from the original. */
const table = 'execve_map'
const mapCapacity = gauge('tetragon_map_capacity', 'Maximum number of entries of a map', 'map')
const mapEntries = gauge('tetragon_map_entries', 'Entries of a map', 'map')
const mapErrors = counter(
  'tetragon_map_errors_update_total',
  'Entries that did not fit into a map',
  'map',
)
const dataCapacity = gauge(
  'tetragon_data_cache_capacity',
  'Maximum number of processes in the cache of long arguments',
)
const dataSize = gauge('tetragon_data_cache_size', 'Processes in the cache of long arguments')
const dataEvictions = counter(
  'tetragon_data_cache_evictions_total',
  'Processes evicted from the cache of long arguments',
)

export const processes: Collector = {
  metrics: [
    ...[capacity, size, misses, missing, mapCapacity, mapEntries, mapErrors],
    ...[dataCapacity, dataSize, dataEvictions],
  ],
  collect({ agent }, emit) {
    const { counters, processTableSize } = agent
    emit(capacity, processTableSize)
    emit(size, counters.get('rememberedProcesses'))
    emit(misses, counters.get('unknownExits'), 'remove')
    emit(misses, counters.get('unknownProcesses'), 'get')
    emit(missing, counters.get('unknownExits') + counters.get('unknownProcesses'))
    emit(mapCapacity, processTableSize, table)
    emit(mapEntries, counters.get('liveProcesses'), table)
    emit(mapErrors, agent.losses().table_full, table)
    emit(dataCapacity, agent.waiting.values)
    emit(dataSize, counters.get('piecesWaiting'))
    emit(dataEvictions, counters.get('piecesEvicted'))
  },
}
