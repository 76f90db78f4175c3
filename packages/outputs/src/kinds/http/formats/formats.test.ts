import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { alertLine, execLine } from '../../../testing/lines.ts'
import { status, TestHttp } from '../../../testing/test-http.ts'
import { TestOutput } from '../../../testing/test-outputs.ts'

const exec = JSON.parse(execLine(7).toString())
const alert = JSON.parse(alertLine('critical').toString())
const time = '2026-01-02T03:04:05.123456789Z'
const nanoseconds = `${Date.parse('2026-01-02T03:04:05Z') / 1000}123456789`

describe('the format', () => {
  let server: TestHttp
  let output: TestOutput

  beforeEach(async () => {
    server = new TestHttp()
    await server.listen()
  })
  afterEach(async () => {
    await output.finish(0)
    await server.die()
  })

  /** Sends an exec and an alert; the requests for them. */
  async function send(parameters: string, count = 1): Promise<TestHttp['requests']> {
    output = await TestOutput.open(`http://127.0.0.1:${server.port}?batch-wait=0s&${parameters}`)
    output.add(execLine(7), alertLine('critical'))
    await server.changes.until(() => server.requests.length === count)
    return server.requests
  }

  it('json-lines', async () => {
    const [{ body, headers, method, path }] = await send('format=json-lines')
    assert.deepEqual(
      body
        .toString()
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line)),
      [exec, alert],
    )
    const type = headers['content-type']
    assert.deepEqual([method, path, type], ['POST', '/', 'application/x-ndjson'])
  })

  it('json', async () => {
    const [{ body }] = await send('format=json')
    assert.deepEqual(JSON.parse(body.toString()), [exec, alert])
  })

  it('elasticsearch', async () => {
    const items = [{ create: { status: 201 } }, { create: { status: 409 } }]
    server.reactions = [status(200, JSON.stringify({ errors: true, items }))]
    const [{ body, path, headers }] = await send('format=elasticsearch')
    assert.deepEqual([path, headers['content-type']], ['/_bulk', 'application/x-ndjson'])
    assert.ok(body.toString().endsWith('}\n'))
    const [action, document, other] = body
      .toString()
      .split('\n')
      .map((line) => line && JSON.parse(line))
    assert.equal(action.create._index, 'logs-tetragon-default')
    assert.match(action.create._id, /^[\w-]{22}$/)
    assert.notEqual(action.create._id, other.create._id)
    assert.deepEqual(document, { '@timestamp': time, ...exec })
    await output.finish()
    assert.equal(output.status.sent, 2)
  })

  it('elasticsearch: each document has its own answer', async () => {
    const error = { type: 'document_parsing_exception', reason: 'object mapping' }
    const answers = [
      [{ create: { status: 429, error } }, { create: { status: 400, error } }],
      [{ create: { status: 201 } }],
    ]
    server.reactions = [
      status(200, '{"took":'),
      status(200, '{"items":[]}'),
      ...answers.map((items) => status(200, JSON.stringify({ errors: true, items }))),
    ]
    const requests = await send('format=elasticsearch&index=logs-a-b', 4)
    const sizes = requests.map(({ body }) => body.toString().split('\n').length - 1)
    assert.deepEqual(sizes, [4, 4, 4, 2])
    assert.equal(JSON.parse(requests[3].body.toString().split('\n')[0]).create._index, 'logs-a-b')
    await output.finish()
    const { sent, refused, refusal, retried } = output.status
    assert.deepEqual({ sent, refused, retried }, { sent: 1, refused: 1, retried: 5 })
    assert.equal(refusal, '400 document_parsing_exception: object mapping')
  })

  it('loki', async () => {
    const [{ body, path }] = await send('format=loki')
    assert.equal(path, '/loki/api/v1/push')
    const { streams } = JSON.parse(body.toString())
    assert.deepEqual(
      streams.map(({ stream }: { stream: object }) => stream),
      [
        { job: 'tetragon', node: 'node-1', event: 'process_exec' },
        { job: 'tetragon', node: 'node-1', event: 'process_kprobe', level: 'critical' },
      ],
    )
    const [[at, line, metadata]] = streams[1].values
    assert.deepEqual([at, JSON.parse(line)], [nanoseconds, alert])
    const ids = { exec_id: 'bm9kZToxOjI=', pid: '42', binary: '/bin/cat' }
    assert.deepEqual(metadata, { ...ids, policy: 'mounts', rule: 'Mount' })
  })

  it('splunk', async () => {
    const [{ body, path }] = await send('format=splunk&index=main')
    assert.equal(path, '/services/collector/event')
    const [first, second] = body
      .toString()
      .split(/(?<=\})(?=\{"time":)/)
      .map((one) => JSON.parse(one))
    assert.deepEqual(first, {
      time: `${nanoseconds.slice(0, 10)}.123456789`,
      host: 'node-1',
      source: 'tetragon',
      sourcetype: 'tetragon:process_exec',
      index: 'main',
      event: exec,
    })
    assert.deepEqual(second.event, alert)
  })

  it('cloudevents', async () => {
    const [{ body, headers }] = await send('format=cloudevents')
    assert.equal(headers['content-type'], 'application/cloudevents-batch+json')
    const [{ id, ...first }, second] = JSON.parse(body.toString())
    assert.deepEqual(first, {
      specversion: '1.0',
      source: '/tetragon/node-1',
      type: 'io.cilium.tetragon.process_exec',
      time,
      datacontenttype: 'application/json',
      data: exec,
    })
    assert.match(id, /^[\w-]{22}$/)
    assert.notEqual(id, second.id)
  })

  it('otlp', async () => {
    const partialSuccess = { rejectedLogRecords: '1', errorMessage: 'too old' }
    server.reactions = [status(200, JSON.stringify({ partialSuccess }))]
    const [{ body, path }] = await send('format=otlp')
    assert.equal(path, '/v1/logs')
    const { resourceLogs } = JSON.parse(body.toString())
    const [{ resource, scopeLogs }] = resourceLogs
    assert.deepEqual(resource.attributes, [
      { key: 'service.name', value: { stringValue: 'tetragon' } },
      { key: 'service.version', value: { stringValue: '1.2.3' } },
      { key: 'host.name', value: { stringValue: 'node-1' } },
      { key: 'os.type', value: { stringValue: 'linux' } },
    ])
    const [{ scope, logRecords }] = scopeLogs
    assert.deepEqual(scope, { name: 'tetragon', version: '1.2.3' })
    const [first, { attributes, observedTimeUnixNano, ...second }] = logRecords
    assert.equal(first.eventName, 'tetragon.process.exec')
    assert.match(observedTimeUnixNano, /^\d{19}$/)
    assert.deepEqual(second, {
      timeUnixNano: nanoseconds,
      severityNumber: 18,
      severityText: 'ERROR2',
      eventName: 'tetragon.kernel.call',
      body: { stringValue: alertLine('critical').toString() },
    })
    const attribute = (name: string) =>
      attributes.find(({ key }: { key: string }) => key === name)?.value
    assert.deepEqual(attribute('process.pid'), { intValue: '42' })
    assert.deepEqual(attribute('security_rule.name'), { stringValue: 'Mount' })
    const techniques = { values: [{ stringValue: 'T1611' }] }
    assert.deepEqual(attribute('tetragon.rule.techniques'), { arrayValue: techniques })
    await output.finish()
    assert.deepEqual([output.status.sent, output.status.refused], [1, 1])
    assert.equal(output.status.refusal, 'too old')
  })

  it('otlp: what is not to be sent again is refused', async () => {
    server.reactions = [status(503), status(500)]
    await send('format=otlp', 2)
    await output.finish()
    assert.deepEqual([output.status.sent, output.status.refused], [0, 2])
  })

  for (const code of [400, 500, 501, 505, 507]) {
    it(`otlp-protobuf: ${code} is refused, with the reason of the server`, async () => {
      // google.rpc.Status: code 3, message "bad"
      const reason = Buffer.of(0x08, 3, 0x12, 3, 0x62, 0x61, 0x64)
      const headers = { 'Content-Type': 'application/x-protobuf' }
      server.reactions = [(response) => void response.writeHead(code, headers).end(reason)]
      await send('format=otlp-protobuf')
      await output.finish()
      const { sent, refused, retried, refusal } = output.status
      assert.deepEqual([sent, refused, retried, refusal], [0, 2, 0, `HTTP ${code}: bad`])
    })
  }

  for (const code of [429, 502, 503, 504]) {
    it(`otlp-protobuf: ${code} is for another attempt`, async () => {
      server.reactions = [status(code, 'slow down', { 'Retry-After': '0' })]
      const [first, second] = await send('format=otlp-protobuf', 2)
      await output.finish()
      assert.deepEqual(first.body, second.body)
      assert.deepEqual([output.status.sent, output.status.retried], [2, 2])
    })
  }

  it('otlp-protobuf: events without a form are refused, and the others sent', async () => {
    output = await TestOutput.open(`http://127.0.0.1:${server.port}?format=otlp-protobuf`)
    const { process_exec, ...rest } = JSON.parse(execLine(2).toString())
    const process = { ...process_exec.process, pid: 1.5 }
    const unfit = Buffer.from(JSON.stringify({ process_exec: { process }, ...rest }))
    output.add(execLine(1), unfit, execLine(3))
    await output.finish()
    assert.deepEqual([output.status.sent, output.status.refused], [2, 1])
  })

  it('falco: an alert in each request', async () => {
    const [{ body }] = await send('format=falco&level=low')
    assert.deepEqual(JSON.parse(body.toString()), {
      time,
      rule: 'Mount',
      priority: 'Critical',
      source: 'tetragon',
      hostname: 'node-1',
      output: 'Mount: /bin/cat a b',
      tags: ['T1611'],
      output_fields: {
        'evt.type': 'process_kprobe',
        'rule.id': 'r-1',
        'proc.pid': 42,
        'proc.exepath': '/bin/cat',
        'proc.args': 'a b',
        'proc.exec_id': 'bm9kZToxOjI=',
        'user.uid': 0,
        'k8s.ns.name': null,
        'k8s.pod.name': null,
      },
    })
  })
})
