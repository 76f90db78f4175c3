import { build } from './collectors/build.ts'
import { clients } from './collectors/clients.ts'
import { eventCollector } from './collectors/events.ts'
import { exportCollector } from './collectors/exports.ts'
import { lossCollector } from './collectors/losses.ts'
import { nodejs } from './collectors/nodejs.ts'
import { podCollector } from './collectors/pods.ts'
import { policies } from './collectors/policies.ts'
import { processCollector } from './collectors/process.ts'
import { processes } from './collectors/processes.ts'
import { programs } from './collectors/programs.ts'
import { ring } from './collectors/ring.ts'
import type { Collector } from './metric.ts'
import type { MetricSource } from './metric-source.ts'
import { TextFormat } from './text-format.ts'

/** All metrics of the agent, in output order. */
export const collectors: readonly Collector[] = [
  build,
  eventCollector,
  policies,
  programs,
  ring,
  lossCollector,
  processes,
  podCollector,
  exportCollector,
  clients,
  processCollector,
  nodejs,
]

/** All metrics in Prometheus text format. */
export async function collectMetrics(source: MetricSource): Promise<string> {
  const text = new TextFormat()
  for (const collector of collectors) {
    await collector.collect(source, (metric, value, ...labels) => text.add(metric, value, labels))
  }
  return text.write()
}
