import { readLosses } from '../../../reader/losses.ts'
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
    for (const { stage, kind, total } of readLosses(agent)) emit(losses, total, stage, kind)
    emit(losses, clients?.lost ?? 0, 'client', 'event')
  },
}
