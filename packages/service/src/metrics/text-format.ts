import type { Distribution } from './metric.ts'
import type { MetricTable } from './metric-table.ts'

/** Content type: Prometheus text format, version 0.0.4. */
export const contentType = 'text/plain; version=0.0.4; charset=utf-8'

/** Metrics in Prometheus text format. */
export function textOf(table: MetricTable): string {
  const parts: string[] = []
  for (const [{ name, help, type }, series] of table) {
    parts.push(`# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n`)
    for (const { labels, value } of series) {
      const pairs = labels.map(([label, text]) => `${label}="${escapeLabel(text)}"`)
      if (typeof value === 'number') parts.push(sample(name, pairs, value))
      else parts.push(...buckets(name, pairs, value))
    }
  }
  return parts.join('')
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
