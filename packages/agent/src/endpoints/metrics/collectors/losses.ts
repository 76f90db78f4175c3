import { eventClasses, eventClassNames, noCounts } from '@tetragon-ts/outputs/queue'
import { counter } from '@tetragon-ts/service/metrics'
import { readLosses } from '../../../reader/losses.ts'
import type { Collector } from '../metric-source.ts'

const losses = counter(
  'tetragon_losses_total',
  'Losses, by stage (kernel, reader, export, client) and kind',
  'stage',
  'kind',
)

/** All losses in one metric, whatever their names in the original. */
export const lossCollector: Collector = {
  metrics: [losses],
  collect({ agent, clients }, emit) {
    for (const { stage, kind, total } of readLosses(agent)) emit(losses, total, stage, kind)
    const lost = clients?.lost ?? noCounts()
    for (const each of eventClasses) emit(losses, lost[each], 'client', eventClassNames[each])
  },
}
