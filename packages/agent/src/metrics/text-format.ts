import type { Distribution, Metric } from './metric.ts'

/** What `write` makes: Prometheus' text format, version 0.0.4. */
export const contentType = 'text/plain; version=0.0.4; charset=utf-8'

/** Writes metrics the way Prometheus reads them. */
export class TextFormat {
  readonly #samples = new Map<Metric, string[]>()

  /** @param labels values in the order of the metric's labels; an empty one is left out */
  add(metric: Metric, value: number | Distribution, labels: readonly string[]): void {
    let lines = this.#samples.get(metric)
    if (lines === undefined) {
      lines = []
      this.#samples.set(metric, lines)
    }
    const pairs = metric.labels.flatMap((name, i) =>
      labels[i] ? [`${name}="${escapeLabel(labels[i])}"`] : [],
    )
    if (typeof value === 'number') lines.push(sample(metric.name, pairs, value))
    else lines.push(...buckets(metric.name, pairs, value))
  }

  /** All that was added, by metric; metrics without values are left out. */
  write(): string {
    const parts: string[] = []
    for (const [{ name, help, type }, lines] of this.#samples) {
      parts.push(`# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n${lines.join('')}`)
    }
    return parts.join('')
  }
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
