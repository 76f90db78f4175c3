import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseMetrics, type Sample } from '@tetragon-ts/service/metrics/testing'

const waitMs = 60_000

/** The address that an agent reports, with the assigned port. */
export async function metricsUrl(agent: { readonly stderr: string }): Promise<string> {
  const deadline = performance.now() + waitMs
  const pattern = /serving metrics on (http:[^\s"]+)/
  while (!pattern.test(agent.stderr)) {
    if (performance.now() > deadline) throw new Error(`no metrics: ${agent.stderr}`)
    await sleep(10)
  }
  return pattern.exec(agent.stderr)?.[1] ?? ''
}

/** All samples at an address. */
export async function scrape(url: string): Promise<Sample[]> {
  return parseMetrics(await (await fetch(url)).text())
}

/** The sum of a metric over all series with these labels. There must be one. */
export function sumOf(
  samples: readonly Sample[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  const wanted = Object.entries(labels)
  const found = samples.filter(
    (each) => each.name === name && wanted.every(([label, value]) => each.labels[label] === value),
  )
  assert.ok(found.length > 0, `${name} ${JSON.stringify(labels)}`)
  return found.reduce((sum, { value }) => sum + value, 0)
}
