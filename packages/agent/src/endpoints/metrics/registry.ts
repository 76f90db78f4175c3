import { collect, type MetricTable, nodejs, processCollector } from '@tetragon-ts/service/metrics'
import { build } from './collectors/build.ts'
import { clients } from './collectors/clients.ts'
import { eventCollector } from './collectors/events.ts'
import { exportCollector } from './collectors/exports.ts'
import { findingCollector } from './collectors/findings.ts'
import { loaderCollector } from './collectors/loader.ts'
import { lossCollector } from './collectors/losses.ts'
import { metricOutputCollector } from './collectors/metric-outputs.ts'
import { outputCollector } from './collectors/outputs.ts'
import { podCollector } from './collectors/pods.ts'
import { policies } from './collectors/policies.ts'
import { processes } from './collectors/processes.ts'
import { programs } from './collectors/programs.ts'
import { ring } from './collectors/ring.ts'
import type { Collector, MetricSource } from './metric-source.ts'

/** All metrics of the agent, in output order. */
export const collectors: readonly Collector[] = [
  build,
  eventCollector,
  findingCollector,
  policies,
  programs,
  ring,
  loaderCollector,
  lossCollector,
  processes,
  podCollector,
  exportCollector,
  outputCollector,
  metricOutputCollector,
  clients,
  processCollector,
  nodejs,
]

/** All metrics. */
export function collectMetrics(source: MetricSource): Promise<MetricTable> {
  return collect(collectors, source)
}
