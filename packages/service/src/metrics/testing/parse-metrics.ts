/** A line of Prometheus' text format. */
export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const line = /^([a-zA-Z_:][\w:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\.)*",?)*)\})? (\S+)$/
const pair = /([a-zA-Z_]\w*)="((?:[^"\\\n]|\\.)*)"/g
const escapes: Readonly<Record<string, string>> = { n: '\n', '\\': '\\', '"': '"' }

/**
 * Parses the text format.
 * @throws Error for an invalid line or a duplicate series
 */
export function parseMetrics(text: string): Sample[] {
  if (!text.endsWith('\n')) throw new Error('read metrics: the last line does not end')
  const lines = text.split('\n').filter((each) => each !== '' && !each.startsWith('#'))
  const seen = new Set<string>()
  return lines.map((each) => {
    const match = line.exec(each)
    if (match === null) throw new Error(`read metrics: ${each}`)
    const labels = [...(match[2] ?? '').matchAll(pair)].map(([, name, value]) => [
      name,
      value.replaceAll(/\\(.)/g, (_, code: string) => escapes[code]),
    ])
    const series = JSON.stringify([match[1], ...labels.toSorted()])
    if (seen.has(series)) throw new Error(`read metrics: twice: ${each}`)
    seen.add(series)
    const value = Number(match[3].replace('Inf', 'Infinity'))
    return { name: match[1], labels: Object.fromEntries(labels), value }
  })
}
