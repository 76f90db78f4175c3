import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { GetHealthStatusResponse } from '@tetragon-ts/api'
import {
  type CollectedMetrics,
  type CollectedPoint,
  Collector,
  missingCollector,
} from '@tetragon-ts/outputs/metrics/testing'
import { freePort } from '@tetragon-ts/service/listen/testing'
import type { Sample } from '@tetragon-ts/service/metrics/testing'
import { makeTestFolder, RunningAgent } from '../../testing/index.ts'
import { TestClient } from '../../testing/test-client.ts'
import { until } from '../../testing/until.ts'
import { collectors } from './registry.ts'
import { metricsUrl, scrape } from './testing/scrape.ts'

// Starts one agent for all tests, and Debian's victoria-metrics.

const victoriaProgram = '/usr/bin/victoria-metrics'
const hasVictoria = spawnSync(victoriaProgram, ['-version']).status === 0
const missingVictoria = hasVictoria ? false : 'victoria-metrics is not installed'

/** Samples by name and labels. */
type Values = ReadonlyMap<string, number>

const counters = new Set(
  collectors.flatMap(({ metrics }) => {
    return metrics.flatMap(({ name, type }) => {
      if (type === 'histogram') return [`${name}_bucket`, `${name}_count`, `${name}_sum`]
      return type === 'counter' ? name : []
    })
  }),
)
/** Omitted by requests without a measurement. */
const isOptional = (name: string): boolean => name.startsWith('nodejs_eventloop')

function keyOf(name: string, labels: Readonly<Record<string, string>>): string {
  return JSON.stringify([name, ...Object.entries(labels).toSorted()])
}

function valuesOf(samples: readonly Sample[]): Values {
  const kept = samples.filter(({ name }) => !isOptional(name))
  return new Map(kept.map(({ name, labels, value }) => [keyOf(name, labels), value]))
}

/** Samples of a push, as Prometheus would name them. */
function pushedValues(requests: readonly CollectedMetrics[]): Values {
  const values = new Map<string, number>()
  for (const [name, point] of requests.flatMap(pointsOf)) {
    const labels = labelsOf(point)
    if (point.bucketCounts === undefined) {
      values.set(keyOf(name, labels), Number(point.asDouble))
    } else {
      let below = 0
      point.bucketCounts.forEach((count, i) => {
        below += Number(count)
        const le = String(point.explicitBounds?.[i] ?? '+Inf')
        values.set(keyOf(`${name}_bucket`, { ...labels, le }), below)
      })
      values.set(keyOf(`${name}_count`, labels), Number(point.count))
      values.set(keyOf(`${name}_sum`, labels), Number(point.sum))
    }
  }
  return values
}

function pointsOf({ resourceMetrics }: CollectedMetrics): (readonly [string, CollectedPoint])[] {
  return resourceMetrics[0].scopeMetrics[0].metrics.flatMap(({ name, gauge, sum, histogram }) => {
    const { dataPoints = [] } = gauge ?? sum ?? histogram ?? {}
    return dataPoints.map((point) => [name, point] as const)
  })
}

function timeOf({ timeUnixNano }: CollectedPoint): number {
  return Number(timeUnixNano.slice(0, -6))
}

function labelsOf({ attributes = [] }: CollectedPoint): Record<string, string> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue]))
}

/** VictoriaMetrics rounds decimals to some twelve digits. */
const rounding = 1e-9

/** Series that are not there, and counters that have a smaller value than earlier. */
function missingIn(values: Values, earlier: Values): string[] {
  return [...earlier].flatMap(([key, value]) => {
    const later = values.get(key)
    const least = isCounter(key) ? value * (1 - rounding) : -Infinity
    const isThere = later !== undefined && !(later < least)
    return isThere ? [] : `${key} ${later} < ${value}`
  })
}

const isCounter = (key: string): boolean => counters.has((JSON.parse(key) as [string])[0])

describe('an agent that pushes metrics', { skip: missingCollector }, () => {
  const folder = makeTestFolder()
  /** A name that has no form in UTF-8, for the label of a binary. */
  const hostile = Buffer.concat([Buffer.from(`${folder}/a"\\\n\x1b[2J`), Buffer.of(0xff)])
  const begun = Date.now()
  let collector: Collector
  let victoria: ChildProcess | undefined
  let victoriaUrl = ''
  let agent: RunningAgent
  let url: string

  before(async () => {
    collector = await Collector.start()
    const port = await freePort()
    victoriaUrl = `http://127.0.0.1:${port}`
    if (hasVictoria) victoria = startVictoria(port)
    agent = await RunningAgent.start(
      ...['--metrics-server', '127.0.0.1:0', '--enable-msg-handling-latency'],
      ...['--metrics-output', `otel=otlp://127.0.0.1:${collector.port}?interval=1s&gzip=true`],
      ...['--metrics-output', `vm=${victoriaUrl}/opentelemetry/v1/metrics?interval=1s&gzip=true`],
    )
    url = await metricsUrl(agent)
    copyFileSync('/usr/bin/true', hostile)
    spawnSync('/bin/sh', ['-c', `${folder}/a*`])
    await agent.events()
  })
  after(async () => {
    await agent.remove()
    await collector.stop()
    if (victoria !== undefined) {
      const exited = once(victoria, 'exit')
      victoria.kill('SIGKILL')
      await exited
    }
    rmSync(folder, { recursive: true, force: true })
  })

  function startVictoria(port: number): ChildProcess {
    const args = [
      `-httpListenAddr=127.0.0.1:${port}`,
      `-storageDataPath=${join(folder, 'victoria')}`,
      ...['-search.latencyOffset=0s', '-memory.allowedBytes=64MiB', '-loggerLevel=ERROR'],
    ]
    return spawn(victoriaProgram, args, { stdio: 'ignore' })
  }

  /** The requests of the next push that began after a time. */
  async function pushAfter(time: number): Promise<CollectedMetrics[]> {
    const requests: CollectedMetrics[] = []
    let end = ''
    for (;;) {
      const { request } = await collector.next<CollectedMetrics>()
      const [[, point]] = pointsOf(request)
      if (timeOf(point) <= time) continue
      if (end !== '' && end !== point.timeUnixNano) return requests
      end = point.timeUnixNano
      requests.push(request)
    }
  }

  it('sends a collector what Prometheus gets', async () => {
    const earlier = valuesOf(await scrape(url))
    // Counts are read before the time of the push.
    await pushAfter(Date.now())
    const requests = await pushAfter(Date.now())
    const later = valuesOf(await scrape(url))
    const pushed = pushedValues(requests)
    assert.deepEqual(
      [...earlier.keys()].filter((key) => !pushed.has(key)),
      [],
    )
    assert.deepEqual(missingIn(pushed, earlier), [])
    const ofCounters = new Map([...pushed].filter(([key]) => isCounter(key)))
    assert.deepEqual(missingIn(later, ofCounters), [])
    const names = [...pushed.keys()].map((key) => JSON.parse(key)[0] as string)
    assert.ok(names.includes('tetragon_events_total'))
    assert.ok(names.includes('tetragon_handling_latency_bucket'))
    const { resource, scopeMetrics } = requests[0].resourceMetrics[0]
    const { attributes } = resource as Pick<CollectedPoint, 'attributes'>
    const origin = labelsOf({ attributes, timeUnixNano: '' })
    assert.equal(origin['service.name'], 'tetragon')
    assert.equal(origin['service.instance.id'], origin['host.name'])
    const { sum } = scopeMetrics[0].metrics.find((metric) => metric.sum) ?? {}
    const start = Number(sum?.dataPoints[0].startTimeUnixNano) / 1e6
    assert.ok(start > begun - 1 && start < Date.now())
  })

  it('has labels in UTF-8, whatever processes are called', async () => {
    const values = pushedValues(await pushAfter(0))
    const names = new Set(
      [...values.keys()].flatMap((key) => {
        const [, ...labels] = JSON.parse(key) as [string, ...[string, string][]]
        return labels.flatMap(([name, value]) => (name === 'binary' ? value : []))
      }),
    )
    const found = [...names].filter((name) => name.startsWith(folder))
    assert.deepEqual(found, [`${folder}/a"\\\n\x1b[2J\ufffd`])
  })

  it('sends VictoriaMetrics what Prometheus gets', { skip: missingVictoria }, async () => {
    const earlier = valuesOf(await scrape(url))
    let values: Values = new Map()
    await until('all metrics', async () => {
      values = await stored()
      return missingIn(values, earlier).length === 0
    })
    const later = valuesOf(await scrape(url))
    const ofCounters = new Map([...values].filter(([key]) => isCounter(key)))
    assert.deepEqual(missingIn(later, ofCounters), [])
  })

  /** The last values in VictoriaMetrics, without labels of the agent itself. */
  async function stored(): Promise<Values> {
    const query = new URLSearchParams({ query: '{"service.name"="tetragon"}' })
    const response = await fetch(`${victoriaUrl}/api/v1/query`, { method: 'POST', body: query })
    const { data } = (await response.json()) as {
      data: { result: { metric: Record<string, string>; value: [number, string] }[] }
    }
    return valuesOf(
      data.result.map(({ metric: { __name__: name, ...all }, value }) => {
        const labels = Object.entries(all).filter(([label]) => !label.includes('.'))
        return {
          name,
          labels: Object.fromEntries(labels),
          value: Number(value[1].replace('Inf', 'Infinity')),
        }
      }),
    )
  }

  it('has its outputs of metrics in its health and its metrics', async () => {
    const client = new TestClient((await agent.serving()).replace('unix://', 'unix:'))
    try {
      const { health_status = [] }: GetHealthStatusResponse = await client.call('GetHealth')
      const details = health_status.map((each) => each.details)
      assert.match(
        details[1] ?? '',
        /^metrics output otel: sends to otlp:.*, [1-9]\d* sent, 0 refused, 0 pushes failed, last: 2/,
      )
    } finally {
      client.close()
    }
    const samples = await scrape(url)
    const sent = samples.find(({ name }) => name === 'tetragon_metrics_output_points_sent_total')
    assert.ok(sent && sent.labels.output === 'otel' && sent.value > 0)
  })

  it('pushes a last time before it ends', async () => {
    spawnSync('/usr/bin/false')
    await agent.events()
    const stopping = Date.now()
    agent.child.kill('SIGTERM')
    await agent.ended
    let last: CollectedMetrics
    do last = (await collector.next<CollectedMetrics>()).request
    while (timeOf(pointsOf(last)[0][1]) < stopping)
    assert.match(JSON.stringify(last), /"\/usr\/bin\/false"/)
    assert.doesNotMatch(agent.stderr, /metrics output otel/)
  })
})
