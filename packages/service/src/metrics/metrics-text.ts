import type { Collector } from './metric.ts'
import { TextFormat } from './text-format.ts'

/** The metrics of all collectors in Prometheus text format. */
export async function metricsText<Source>(
  collectors: readonly Collector<Source>[],
  source: Source,
): Promise<string> {
  const text = new TextFormat()
  for (const collector of collectors) {
    await collector.collect(source, (metric, value, ...labels) => text.add(metric, value, labels))
  }
  return text.write()
}
