import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { codecOf } from '@tetragon-ts/api'
import {
  counter,
  type Distribution,
  gauge,
  histogram,
  MetricTable,
} from '@tetragon-ts/service/metrics'
import fc from 'fast-check'
import { ExportMetricsRequest } from '../kinds/otlp/metric-messages.ts'
import { metricRequests } from './metric-requests.ts'
import { type CollectedMetrics, type CollectedPoint, missingCollector } from './testing/index.ts'

// Starts a program in Python twice.

const skip = missingCollector
if (skip) console.error(`metrics with the official definitions are not tested: ${skip}`)

const sender = { version: '1.2.3', node: 'node-1', cluster: 'c', instance: 'node-1' }
const period = { start: 1_700_000_000_123, end: 1_700_000_060_456.7 }
const starts = { startTimeUnixNano: '1700000000123000000', timeUnixNano: '1700000060457000000' }
const { timeUnixNano } = starts

/** Decodes requests with the official definitions, which know all of their fields. */
const program = `
import sys, json, base64
from google.protobuf import json_format, unknown_fields
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as pb
out = []
for data in json.load(sys.stdin):
    request = pb.ExportMetricsServiceRequest.FromString(base64.b64decode(data))
    assert request.SerializeToString(deterministic=True) == base64.b64decode(data)
    out.append(json_format.MessageToDict(request))
json.dump(out, sys.stdout)
`

function decodeAll(tables: readonly MetricTable[]): CollectedMetrics[] {
  const requests = tables.flatMap((table) => {
    return [...metricRequests(table, sender, period)].map(({ message }) =>
      Buffer.from(codecOf(ExportMetricsRequest).encode(message)).toString('base64'),
    )
  })
  const { stdout, stderr } = spawnSync('/usr/bin/python3', ['-c', program], {
    input: JSON.stringify(requests),
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  })
  assert.equal(stderr, '')
  return JSON.parse(stdout)
}

const labelText = fc.oneof(fc.string({ unit: 'binary' }), fc.constant('a"\\\n\0\x1b[2J\u202e'))
const count = fc.nat(Number.MAX_SAFE_INTEGER)
const distribution: fc.Arbitrary<Distribution> = fc
  .uniqueArray(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 5 })
  .chain((bounds) => {
    const counts = fc.array(fc.nat(1e6), {
      minLength: bounds.length + 1,
      maxLength: bounds.length + 1,
    })
    const sum = fc.double({ noNaN: true, noDefaultInfinity: true })
    return fc.record({ bounds: fc.constant(bounds), counts, sum })
  })

/** A double as protobuf prints it in JSON. */
const printed = (value: number) => (Number.isFinite(value) ? value : String(value))
const keyValues = (labels: readonly (readonly [string, string])[]) =>
  labels.length === 0
    ? {}
    : { attributes: labels.map(([key, stringValue]) => ({ key, value: { stringValue } })) }

describe('metrics in OTLP', { skip }, () => {
  it('have the kinds, labels and values that the official definitions read', () => {
    const labels = fc.uniqueArray(fc.tuple(labelText, labelText), {
      maxLength: 4,
      selector: (each) => JSON.stringify(each),
    })
    const values = fc.tuple(labels, count, fc.double(), distribution)
    const samples = fc.sample(values, 200)
    const requests = decodeAll(
      samples.map(([labels, total, value, buckets]) => {
        const table = new MetricTable()
        const c = counter('c_total', 'Counts', 'x', 'y')
        for (const pair of labels) table.add(c, total, pair)
        table.add(gauge('g', ''), value, [])
        table.add(histogram('h_seconds', 'Time', 'op'), buckets, ['read'])
        return table
      }),
    )
    assert.equal(requests.length, samples.length)
    requests.forEach(({ resourceMetrics: [{ resource, scopeMetrics }] }, i) => {
      const [pairs, total, value, { bounds, counts, sum }] = samples[i]
      const [{ scope, metrics }] = scopeMetrics
      const all = { 'service.name': 'tetragon', 'service.version': '1.2.3' }
      const more = { 'service.instance.id': 'node-1', 'host.name': 'node-1', 'os.type': 'linux' }
      const entries = Object.entries({ ...all, ...more, 'k8s.cluster.name': 'c' })
      assert.deepEqual(resource, keyValues(entries))
      assert.deepEqual(scope, { name: 'tetragon', version: '1.2.3' })
      const temporality = { aggregationTemporality: 'AGGREGATION_TEMPORALITY_CUMULATIVE' }
      const sums = pairs.map(([x, y]) => {
        const labels = [...(x ? [['x', x] as const] : []), ...(y ? [['y', y] as const] : [])]
        return { ...starts, asDouble: total, ...keyValues(labels) }
      })
      const monotonic = { dataPoints: sums, ...temporality, isMonotonic: true }
      const observed = counts.reduce((all, each) => all + each)
      const point = {
        ...starts,
        ...keyValues([['op', 'read']]),
        ...(observed === 0 ? {} : { count: String(observed) }),
        sum,
        bucketCounts: counts.map(String),
        ...(bounds.length === 0 ? {} : { explicitBounds: bounds }),
      }
      assert.deepEqual(metrics, [
        ...(sums.length === 0 ? [] : [{ name: 'c_total', description: 'Counts', sum: monotonic }]),
        { name: 'g', gauge: { dataPoints: [{ timeUnixNano, asDouble: printed(value) }] } },
        {
          name: 'h_seconds',
          description: 'Time',
          histogram: { dataPoints: [point], ...temporality },
        },
      ])
    })
  })

  it('are split, have each series once, and labels that are not UTF-16 are replaced', () => {
    const table = new MetricTable()
    const policies = gauge('policies', 'Number', 'state', 'name')
    for (let i = 0; i < 700; i++) table.add(policies, i, ['on', `n${i}`])
    const total = counter('total', 'All', 'name')
    for (let i = 0; i < 600; i++) table.add(total, i, [i === 0 ? '\ud800x' : `n${i}`])
    table.add(total, 5, ['n7'])
    const requests = decodeAll([table])
    const sizes = requests.map(({ resourceMetrics }) => pointsOf(resourceMetrics).length)
    assert.deepEqual(sizes, [500, 500, 300])
    const points = requests.flatMap(({ resourceMetrics }) => pointsOf(resourceMetrics))
    const values = points.map(({ asDouble }) => asDouble)
    const range = (count: number) => Array.from({ length: count }, (_, i) => i)
    assert.deepEqual(values, [...range(700), ...range(600).map((i) => (i === 7 ? 12 : i))])
    assert.deepEqual(points[700].attributes, [{ key: 'name', value: { stringValue: '\ufffdx' } }])
  })

  it('are below 4 MiB, also with the longest paths as labels', () => {
    const table = new MetricTable()
    const total = counter('total', 'All', 'binary', 'parent', 'pod')
    const path = '\u20ac'.repeat(4096)
    for (let i = 0; i < 400; i++) table.add(total, i, [`${path}${i}`, path, 'p'])
    const seconds = histogram('seconds', 'Time', 'binary')
    const bounds = Array.from({ length: 100 }, (_, i) => i)
    const buckets = { bounds, counts: [...bounds, 1], sum: 1 }
    for (let i = 0; i < 400; i++) table.add(seconds, buckets, [`${path}${i}`])
    table.add(total, 1, ['x'.repeat(2 ** 21), '', ''])
    const requests = [...metricRequests(table, sender, period)]
    const sizes = requests.map(
      ({ message }) => codecOf(ExportMetricsRequest).encode(message).length,
    )
    assert.equal(sizes.filter((size) => size > 2 ** 20 + 4096).length, 1)
    assert.ok(Math.max(...sizes) < 2 ** 22)
    assert.ok(requests.length < 25, `${requests.length}`)
    assert.equal(
      requests.reduce((sum, { points }) => sum + points, 0),
      801,
    )
  })
})

function pointsOf(resources: CollectedMetrics['resourceMetrics']): CollectedPoint[] {
  const metrics = resources.flatMap(({ scopeMetrics }) => scopeMetrics[0].metrics)
  return metrics.flatMap(({ gauge, sum }) => [...(gauge ?? sum)!.dataPoints])
}
