import type { Collector, Distribution, Metric } from './metric.ts'

/** A value of a metric with its labels; those without a value are omitted. */
export interface Series {
  readonly labels: readonly (readonly [name: string, value: string])[]
  readonly value: number | Distribution
}

/** The values of metrics at one time. */
export class MetricTable {
  readonly #metrics = new Map<Metric, Map<string, Series>>()

  /**
   * Values with the same labels are summed: Prometheus rejects a response with a duplicate series,
   * and policies of two domains may have the same name, while domains are not a label.
   * @param values in the order of the metric's labels; empty ones are omitted
   */
  add(metric: Metric, value: number | Distribution, values: readonly string[]): void {
    let series = this.#metrics.get(metric)
    if (series === undefined) {
      series = new Map()
      this.#metrics.set(metric, series)
    }
    const labels: (readonly [name: string, value: string])[] = []
    // With the lengths, no two lists of labels have the same key.
    let key = ''
    metric.labels.forEach((name, i) => {
      const value = values[i] ?? ''
      key += `${value.length} ${value}`
      if (value !== '') labels.push([name, value])
    })
    const same = series.get(key)
    series.set(key, { labels, value: same === undefined ? value : sum(same.value, value) })
  }

  /** Metrics with their series, in the order of their first value; those without are omitted. */
  *[Symbol.iterator](): Generator<readonly [metric: Metric, series: Iterable<Series>]> {
    for (const [metric, series] of this.#metrics) yield [metric, series.values()]
  }
}

/** The metrics of all collectors. */
export async function collect<Source>(
  collectors: readonly Collector<Source>[],
  source: Source,
): Promise<MetricTable> {
  const table = new MetricTable()
  for (const collector of collectors) {
    await collector.collect(source, (metric, value, ...labels) => table.add(metric, value, labels))
  }
  return table
}

/** @param a of the same metric as `b`, with the same bounds */
function sum(a: number | Distribution, b: number | Distribution): number | Distribution {
  if (typeof a === 'number' || typeof b === 'number') return Number(a) + Number(b)
  const counts = a.counts.map((count, i) => count + b.counts[i])
  return { bounds: a.bounds, counts, sum: a.sum + b.sum }
}
