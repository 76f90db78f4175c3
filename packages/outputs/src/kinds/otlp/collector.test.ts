import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, it } from 'node:test'
import { makeCertificate } from '../../testing/certificates.ts'
import { alertLine } from '../../testing/lines.ts'
import { sampleFindings, sampleKeys, sampleLine } from '../../testing/sample-events.ts'
import { numbersOf, range, TestOutput } from '../../testing/test-outputs.ts'
import { type CollectedRecord, Collector, missingCollector } from './testing/collector.ts'

// Starts a server in Python six times, each in about a second.

const skip = missingCollector
if (skip) console.error(`an output to a collector is not tested: ${skip}`)

describe('an output to a collector with the official definitions', { skip }, () => {
  let collector: Collector
  let output: TestOutput
  afterEach(async () => {
    await output.finish(0)
    await collector.stop()
  })

  const open = async (parameters = ''): Promise<void> => {
    collector = await Collector.start()
    const address = `otlp://127.0.0.1:${collector.port}?batch-wait=0s${parameters}`
    output = await TestOutput.open(address)
  }
  const next = async (): Promise<readonly CollectedRecord[]> => {
    const { request } = await collector.next()
    return request.resourceLogs[0].scopeLogs[0].logRecords
  }

  it('has all kinds of events, with their attributes', async () => {
    await open()
    const lines = sampleKeys.map((key) => sampleLine(key, { findings: sampleFindings }))
    output.add(...lines)
    const { request, metadata, seconds } = await collector.next()
    const [{ resource, scopeLogs }] = request.resourceLogs
    assert.deepEqual(resource, {
      attributes: [
        { key: 'service.name', value: { stringValue: 'tetragon' } },
        { key: 'service.version', value: { stringValue: '1.2.3' } },
        { key: 'host.name', value: { stringValue: 'node-1' } },
        { key: 'os.type', value: { stringValue: 'linux' } },
        { key: 'k8s.cluster.name', value: { stringValue: 'c' } },
      ],
    })
    const [{ scope, logRecords }] = scopeLogs
    assert.deepEqual(scope, { name: 'tetragon', version: '1.2.3' })
    const bodies = logRecords.map(({ body }) => body.stringValue)
    assert.deepEqual(bodies, lines.map(String))
    const [{ attributes, body, observedTimeUnixNano, ...first }] = logRecords as readonly (object &
      CollectedRecord & { readonly observedTimeUnixNano: string })[]
    assert.match(observedTimeUnixNano, /^\d{19}$/)
    const seconds1970 = Date.parse('2026-01-02T03:04:05Z') / 1000
    assert.deepEqual(first, {
      timeUnixNano: `${seconds1970}123456789`,
      severityNumber: 'SEVERITY_NUMBER_ERROR2',
      severityText: 'ERROR2',
      eventName: 'tetragon.process.exec',
    })
    const values = Object.fromEntries(attributes.map(({ key, value }) => [key, value]))
    assert.deepEqual(values['process.pid'], { intValue: '42' })
    assert.deepEqual(values['process.command_args'], {
      arrayValue: { values: ['cat', 'a b', 'c'].map((stringValue) => ({ stringValue })) },
    })
    assert.equal(metadata['user-agent'], 'tetragon/1.2.3')
    assert.ok(seconds > 5 && seconds <= 10, `${seconds}`)
    await output.finish()
    assert.deepEqual([output.status.sent, output.status.retried], [lines.length, 0])
  })

  it('compresses, splits requests above the limit, and gives up an event above it', async () => {
    await open('&gzip=true')
    const random = Array.from({ length: 100_000 }, () => Math.random().toString(36)[2]).join('')
    output.addExecs(1, 300)
    output.add(alertLine('high', random))
    output.addExecs(301, 305)
    const numbers: number[] = []
    while (numbers.length < 305) {
      numbers.push(...numbersOf((await next()).map(({ body }) => body.stringValue)))
    }
    assert.deepEqual(numbers, range(1, 305))
    await output.finish()
    const { sent, refused, refusal } = output.status
    assert.deepEqual([sent, refused], [305, 1])
    assert.match(refusal ?? '', /^gRPC RESOURCE_EXHAUSTED: .*larger than max/)
  })

  it('counts records that the collector rejects', async () => {
    await open('&header=X-Reject:2')
    output.addExecs(1, 5)
    await next()
    await output.finish()
    const { sent, refused, refusal } = output.status
    assert.deepEqual([sent, refused, refusal], [3, 2, 'too old'])
  })

  it('gets the same over HTTP, compressed', async () => {
    collector = await Collector.startHttp()
    const address = `http://127.0.0.1:${collector.port}?format=otlp-protobuf&gzip=true`
    output = await TestOutput.open(`${address}&batch-wait=0s&header=X-Reject:2`)
    const lines = sampleKeys.map((key) => sampleLine(key, { findings: sampleFindings }))
    output.add(...lines)
    const { request, metadata } = await collector.next()
    const [{ resource, scopeLogs }] = request.resourceLogs
    assert.equal((resource as { attributes: readonly unknown[] }).attributes.length, 5)
    const bodies = scopeLogs[0].logRecords.map(({ body }) => body.stringValue)
    assert.deepEqual(bodies, lines.map(String))
    assert.equal(metadata['content-encoding'], 'gzip')
    await output.finish()
    const { sent, refused, refusal } = output.status
    assert.deepEqual([sent, refused, refusal], [lines.length - 2, 2, 'too old'])
  })

  it('reports the reason of an error over HTTP', async () => {
    collector = await Collector.startHttp()
    const address = `http://127.0.0.1:${collector.port}?format=otlp-protobuf`
    output = await TestOutput.open(`${address}&batch-wait=0s&header=X-Answer:400`)
    output.addExecs(1, 3)
    await next()
    await output.finish()
    const { refused, refusal } = output.status
    assert.deepEqual([refused, refusal], [3, 'HTTP 400: no such field'])
  })

  it('has a certificate', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'outputs-'))
    try {
      makeCertificate(folder)
      const { certificate, key } = makeCertificate(folder, 'client')
      collector = await Collector.start(folder)
      const files = `ca-file=${folder}/server.pem&cert-file=${certificate}&key-file=${key}`
      output = await TestOutput.open(`otlp+tls://localhost:${collector.port}?${files}`)
      output.addExecs(1, 5)
      assert.equal((await next()).length, 5)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
