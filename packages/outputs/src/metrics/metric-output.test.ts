import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { codecOf } from '@tetragon-ts/api'
import { counter, MetricTable } from '@tetragon-ts/service/metrics'
import { ExportMetricsResponse } from '../kinds/otlp/metric-messages.ts'
import { status, TestHttp } from '../testing/test-http.ts'
import { until } from '../testing/until.ts'
import { MetricOutput } from './metric-output.ts'
import { readMetricOutput } from './metric-specification.ts'
import { type CollectedMetrics, Collector, missingCollector } from './testing/index.ts'

const total = counter('total', 'All', 'name')
const warnings: string[] = []
let collects = 0

function open(address: string): Promise<MetricOutput> {
  return MetricOutput.open(`m=${address}`, {
    sender: { version: '1.2.3', node: 'node-1', cluster: undefined, instance: 'node-1' },
    startedAt: Date.now(),
    async collect() {
      collects++
      const table = new MetricTable()
      for (const name of ['a', 'b', 'c']) table.add(total, collects, [name])
      return table
    },
    warn: (message) => warnings.push(message),
  })
}

describe('an output of metrics', () => {
  let server: TestHttp
  let output: MetricOutput
  beforeEach(async () => {
    warnings.length = 0
    collects = 0
    server = new TestHttp()
    await server.listen()
  })
  afterEach(async () => {
    await server.die()
    await output.close()
  })
  const start = async (parameters = '') => {
    output = await open(`http://127.0.0.1:${server.port}?interval=1s${parameters}`)
  }

  it('is late by one interval after an error, and continues with new values', async () => {
    server.reactions = [status(503, 'too\x1b[2J busy'), (response) => response.destroy()]
    await start()
    await until(() => output.status.lastSuccess !== undefined)
    const { sent, refused, failed, failure } = output.status
    assert.deepEqual([sent, refused, failed, failure], [3, 0, 2, undefined])
    assert.equal(server.requests.length, collects)
    assert.deepEqual(warnings, [
      'metrics output m failed: HTTP 503: too\\x1b[2J busy',
      'metrics output m works again',
    ])
    assert.equal(server.requests[0].path, '/v1/metrics')
  })

  it('waits as long as the receiver asks for', async () => {
    server.reactions = [status(503, '', { 'Retry-After': '3600' })]
    await start()
    await until(() => output.status.failed === 1)
    const requests = server.requests.length
    // The receiver does not work: there is no last push.
    await output.close()
    assert.deepEqual([requests, server.requests.length], [1, 1])
  })

  it('counts points that are refused', async () => {
    const partialSuccess = { rejectedDataPoints: 2, errorMessage: 'too old' }
    const partial = codecOf(ExportMetricsResponse).encode({ partialSuccess })
    server.reactions = [status(400, 'no such field'), (response) => void response.end(partial)]
    await start()
    await until(() => output.status.lastSuccess !== undefined)
    const { sent, refused, refusal, failed } = output.status
    assert.deepEqual([sent, refused, refusal, failed], [1, 5, 'too old', 1])
  })

  it('gives up an attempt without an answer, and ends without one', async () => {
    server.otherwise = () => {}
    await start('&timeout=50ms')
    await until(() => output.status.failed >= 1)
    assert.equal(output.status.failure, 'no answer within 50 ms')
    await output.close()
    assert.ok(output.status.failed <= 2)
  })

  it('pushes a last time at the end, but does not wait for it longer than a second', async () => {
    output = await open(`http://127.0.0.1:${server.port}?interval=1h`)
    await output.close()
    assert.equal(output.status.sent, 3)
    server.otherwise = () => {}
    output = await open(`http://127.0.0.1:${server.port}/api/otlp?interval=1h`)
    const begun = performance.now()
    await output.close()
    assert.ok(performance.now() - begun < 10_000)
    assert.equal(output.status.sent, 0)
    assert.equal(server.requests[1].path, '/api/otlp')
  })

  it('reports a file that cannot be read', async () => {
    await start()
    const wrong = open(`https://127.0.0.1:${server.port}?token-file=/nowhere/token`)
    await assert.rejects(wrong, /read file: ENOENT/)
  })
})

describe('an output of metrics to a collector with the official definitions', {
  skip: missingCollector,
}, () => {
  for (const scheme of ['otlp', 'http'] as const) {
    it(`has the same values with ${scheme}`, async () => {
      collects = 0
      const collector = await (scheme === 'otlp' ? Collector.start() : Collector.startHttp())
      const parameters = 'interval=1s&gzip=true&header=X-Reject:1'
      const output = await open(`${scheme}://127.0.0.1:${collector.port}?${parameters}`)
      try {
        const { request, metadata } = await collector.next<CollectedMetrics>()
        const [{ metrics }] = request.resourceMetrics[0].scopeMetrics
        const values = metrics[0].sum?.dataPoints.map(({ asDouble }) => asDouble)
        assert.deepEqual(values, [1, 1, 1])
        assert.equal(metadata['user-agent'], 'tetragon/1.2.3')
        await until(() => output.status.sent > 0)
        const { sent, refused, refusal } = output.status
        assert.deepEqual([sent, refused, refusal], [2, 1, 'too old'])
      } finally {
        await output.close()
        await collector.stop()
      }
    })
  }
})

describe('the URL of an output of metrics', () => {
  const errors: readonly (readonly [string, RegExp])[] = [
    ['otlp://host', /^invalid metrics output "otlp:.*\(NAME=URL, example: otel=otlp:/],
    ['a=kafka://host', /^metrics output a: unknown scheme "kafka" \(expected otlp, otlp\+tls, h/],
    ['a=otlp://me:secret@host', /give credentials as a file$/],
    ['a=otlp://host?queue=1M', /unknown parameter "queue"/],
    ['a=otlp://host?batch-wait=1s', /unknown parameter "batch-wait"/],
    ['a=otlp://host?interval=10ms', /interval: invalid time "10ms"/],
    ['a=otlp://host?ca-file=x', /ca-file has no effect without TLS/],
    ['a=http://host?cert-file=x', /cert-file has no effect without TLS/],
    ['a=otlp://host?header=te:x', /header te is reserved in gRPC/],
    ['a=https://host?user=me', /user and password-file need each other/],
    ['a=otlp://host/v1/metrics', /the URL has a path/],
  ]
  for (const [text, pattern] of errors) {
    it(`is refused: ${text}`, () => {
      assert.throws(() => readMetricOutput(text), { name: 'BadValue', message: pattern })
    })
  }
})
