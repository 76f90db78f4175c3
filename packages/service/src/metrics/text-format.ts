import type { Distribution, Metric } from './metric.ts'

/** Content type: Prometheus text format, version 0.0.4. */
export const contentType = 'text/plain; version=0.0.4; charset=utf-8'

interface Series {
  /** `name="value"`, escaped. */
  readonly pairs: readonly string[]
  value: number | Distribution
}

/** Writes metrics in Prometheus text format. */
export class TextFormat {
  readonly #metrics = new Map<Metric, Map<string, Series>>()

  /**
   * Values with the same labels are summed: Prometheus rejects a response with a duplicate series,
   * and policies of two domains may have the same name, while domains are not a label.
   * @param labels values in the order of the metric's labels; empty ones are omitted
   */
  add(metric: Metric, value: number | Distribution, labels: readonly string[]): void {
    let series = this.#metrics.get(metric)
    if (series === undefined) {
      series = new Map()
      this.#metrics.set(metric, series)
    }
    const pairs = metric.labels.flatMap((name, i) =>
      labels[i] ? [`${name}="${escapeLabel(labels[i])}"`] : [],
    )
    const key = pairs.join(',')
    const same = series.get(key)
    if (same === undefined) series.set(key, { pairs, value })
    else same.value = sum(same.value, value)
  }

  /** All added values, by metric; metrics without values are omitted. */
  write(): string {
    const parts: string[] = []
    for (const [{ name, help, type }, series] of this.#metrics) {
      parts.push(`# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n`)
      for (const { pairs, value } of series.values()) {
        if (typeof value === 'number') parts.push(sample(name, pairs, value))
        else parts.push(...buckets(name, pairs, value))
      }
    }
    return parts.join('')
  }
}

/** @param a of the same metric as `b`, with the same bounds */
function sum(a: number | Distribution, b: number | Distribution): number | Distribution {
  if (typeof a === 'number' || typeof b === 'number') return Number(a) + Number(b)
  const counts = a.counts.map((count, i) => count + b.counts[i])
  return { bounds: a.bounds, counts, sum: a.sum + b.sum }
}

function sample(name: string, pairs: readonly string[], value: number): string {
  const labels = pairs.length === 0 ? '' : `{${pairs.join(',')}}`
  return `${name}${labels} ${numberText(value)}\n`
}

function buckets(name: string, pairs: readonly string[], { bounds, counts, sum }: Distribution) {
  let below = 0
  const lines = counts.map((count, i) => {
    below += count
    const bound = i < bounds.length ? String(bounds[i]) : '+Inf'
    return sample(`${name}_bucket`, [...pairs, `le="${bound}"`], below)
  })
  return [...lines, sample(`${name}_sum`, pairs, sum), sample(`${name}_count`, pairs, below)]
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value)
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
}

function escapeLabel(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}
