import { counter } from '@tetragon-ts/metrics'
import { readLosses } from '../../../reader/losses.ts'
import type { Collector } from '../metric-source.ts'

const losses = counter(
  'tetragon_losses_total',
  'Losses, by stage (kernel, reader, export, clients) and kind',
  'stage',
  'kind',
)

/** All losses in one metric, whatever their names in the original. */
export const lossCollector: Collector = {
  metrics: [losses],
  collect({ agent, clients }, emit) {
    for (const { stage, kind, total } of readLosses(agent)) emit(losses, total, stage, kind)
    emit(losses, clients?.lost ?? 0, 'client', 'event')
  },
}
