import { lossKinds } from '@tetragon-ts/sensors'
import { type Collector, counter } from '../metric.ts'

const losses = counter(
  'tetragon_losses_total',
  'What was lost, and where: in the kernel, in the reader, on the way out, on the way to clients',
  'stage',
  'kind',
)

/** Every loss at one place, whatever its name in the original. */
export const lossCollector: Collector = {
  metrics: [losses],
  collect({ agent, clients }, emit) {
    const inKernel = agent.losses()
    for (const kind of lossKinds) emit(losses, inKernel[kind], 'kernel', kind)
    emit(losses, agent.possiblyMissed(), 'kernel', 'hits_missed_at_most')
    const { counters } = agent
    emit(losses, counters.get('unknownExits'), 'reader', 'unknown_exit')
    emit(losses, counters.get('lostExits'), 'reader', 'exit')
    emit(losses, counters.get('hooksShed'), 'reader', 'hook')
    emit(losses, counters.get('staleProcesses'), 'reader', 'stale_process')
    emit(losses, counters.get('unknownHooks'), 'reader', 'unknown_hook')
    emit(losses, counters.get('returnsLost'), 'reader', 'return')
    emit(losses, counters.get('undecided'), 'reader', 'unreadable')
    emit(losses, counters.get('piecesEvicted'), 'reader', 'long_data')
    emit(losses, counters.get('requestsDropped'), 'reader', 'user_request')
    emit(losses, counters.get('sinkLost'), 'export', 'event')
    emit(losses, clients?.lost ?? 0, 'client', 'event')
  },
}
