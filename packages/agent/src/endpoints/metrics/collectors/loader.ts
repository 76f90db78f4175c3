import { gauge } from '@tetragon-ts/service/metrics'
import type { Collector } from '../metric-source.ts'

const stats = gauge(
  'tetragon_process_loader_stats',
  'Executable mappings of files: received, and with a process, known immediately or after its exec',
  'count',
)

/** Loader events. */
export const loaderCollector: Collector = {
  metrics: [stats],
  collect({ agent: { counters } }, emit) {
    emit(stats, counters.get('loaderReceived'), 'LoaderReceived')
    emit(stats, counters.get('loaderImmediate'), 'LoaderResolvedImm')
    emit(stats, counters.get('loaderRetried'), 'LoaderResolvedRetry')
  },
}
