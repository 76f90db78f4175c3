import { type Collector, counter, gauge } from '../metric.ts'

const capacity = gauge('tetragon_process_cache_capacity', 'Processes that can be known at a time')
const size = gauge('tetragon_process_cache_size', 'Processes that are known, ended ones included')
const misses = counter(
  'tetragon_process_cache_misses_total',
  'Processes that were looked for in vain',
  'operation',
)
const missing = counter(
  'tetragon_events_missing_process_info_total',
  'Events whose process is not known',
)
/** The table of processes has the name of the original's. */
const table = 'execve_map'
const mapCapacity = gauge('tetragon_map_capacity', 'Entries that a map has room for', 'map')
const mapEntries = gauge('tetragon_map_entries', 'Entries of a map', 'map')
const mapErrors = counter(
  'tetragon_map_errors_update_total',
  'Entries that found no room in a map',
  'map',
)
const dataCapacity = gauge(
  'tetragon_data_cache_capacity',
  'Processes whose long arguments can wait for their event',
)
const dataSize = gauge('tetragon_data_cache_size', 'Processes whose long arguments wait')
const dataEvictions = counter(
  'tetragon_data_cache_evictions_total',
  'Processes whose long arguments had to make room',
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
