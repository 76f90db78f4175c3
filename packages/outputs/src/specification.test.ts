import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readOutput } from './specification.ts'

const errors: readonly (readonly [string, RegExp])[] = [
  ['syslog+tcp://host', /^invalid output "syslog.*host" \(NAME=URL, example: siem=syslog\+tcp/],
  ['http://host?format=loki', /^invalid output "http.*loki" \(NAME=URL, example: siem=syslog/],
  ['Siem=syslog+tcp://host', /^invalid output/],
  ['../x=syslog+tcp://host', /^invalid output/],
  ['a=host:601', /^output a: unknown scheme "host"/],
  ['a=syslog+tpc://host', /unknown scheme "syslog\+tpc".*did you mean "syslog\+tcp"\?$/],
  ['a=syslog+tcp://', /^output a: (invalid URL|the URL has no host)/],
  ['a=syslog+tcp://me:secret@host', /give credentials as a file$/],
  ['a=syslog+tcp://host?facilty=auth', /unknown parameter "facilty"; did you mean "facility"\?$/],
  ['a=syslog+tcp://host?facility=atuh', /facility: invalid value "atuh".*did you mean "auth/],
  ['a=syslog+tcp://host?queue=1&queue=2', /parameter queue is given twice$/],
  ['a=syslog+tcp://host?queue=big', /queue: invalid size "big"/],
  ['a=syslog+tcp://host?timeout=0s', /timeout: invalid time "0s"/],
  ['a=syslog+tcp://host?events=process_exce', /unknown kind of event.*"process_exec"\?$/],
  ['a=syslog+tcp://host?level=hihg', /level: invalid value "hihg".*did you mean "high"\?$/],
  ['a=syslog+tcp://host?ca-file=/x', /ca-file has no effect without TLS$/],
  ['a=syslog+tls://host?cert-file=/x', /cert-file and key-file need each other$/],
  ['a=syslog+udp://host?max-length=100000', /at most 65507 over UDP$/],
  [
    'a=http://host?format=elastic',
    /format: invalid value "elastic" .*did you mean "elasticsearch"\?$/,
  ],
  [
    'a=syslog+tcp://host?spool=1G',
    /spool has no effect: the receiver does not acknowledge events$/,
  ],
  ['a=http://host?spool=4K', /spool: invalid size "4K" \(minimum: 16M\)$/],
  ['a=http://host?spool=0', /spool: invalid size "0" \(example: 1G\)$/],
  ['a=http://host?spool=', /spool: invalid size "" \(example: 1G\)$/],
  ['a=nats://host?create-stream=0&stream=x', /create-stream: invalid size "0" /],
  ['a=nats://host/events', /the URL has a path, "\/events": give the subject as a parameter$/],
  ['a=nats://host?subject=a.*', /subject: invalid subject "a\.\*"/],
  ['a=nats://host?subject=$JS.API.STREAM.DELETE.x', /subject: invalid subject/],
  ['a=nats://host?subject=a%0d%0aPUB b 0', /subject: invalid subject/],
  ['a=nats://host?stream=a%0d%0aX: y', /stream: invalid stream/],
  ['a=nats://host?create-stream=1G', /create-stream needs a stream$/],
  ['a=nats://host?nkey-file=/a&token-file=/b', /give token-file or nkey-file, not both$/],
  ['a=nats://host?user=me', /user and password-file need each other$/],
  ['a=nats://host?ca-file=/a', /ca-file has no effect without TLS$/],
  ['a=kafka://host/events', /the URL has a path, "\/events": give the topic as a parameter$/],
  ['a=kafka://host?topic=a/b', /topic: invalid topic "a\/b"/],
  ['a=kafka://host?topic=..', /topic: invalid topic "\.\."/],
  ['a=kafka://host?broker=other', /broker: invalid broker "other" \(example/],
  ['a=kafka://host?broker=me@other:1', /broker: invalid broker "me@other:1"/],
  ['a=kafka://host?sasl=plain', /sasl has no effect without user$/],
  ['a=kafka://host?user=me', /user and password-file need each other$/],
  ['a=kafka://host?acks=leader&allow-duplicates=true', /allow-duplicates has no effect with/],
  ['a=http://host?format=falco', /is for findings: give a level, such as level=low$/],
  ['a=http://host?user=me', /user and password-file need each other$/],
  ['a=http://host?user=me&password-file=/p&token-file=/t', /token-file or user, not both$/],
  ['a=parquet://var/lib', /the URL has a host, "var" \(example: parquet:\/\/\/var\/lib/],
  ['a=parquet:///', /the URL has no folder/],
  ['a=parquet:///x%', /the URL has no folder/],
  ['a=parquet:///x?batch-size=1G', /batch-size is at most 64M$/],
  ['a=parquet:///x?file-age=2h', /file-age: invalid time "2h"/],
  ['a=s3://events', /folder is missing \(example/],
  ['a=s3://events?folder=/x', /credentials-file is missing \(example/],
  ['a=s3://events?folder=/x&region=a.b', /invalid region "a\.b" \(example/],
  ['a=s3://Events_1?folder=/x', /invalid bucket "Events_1" \(example/],
  ['a=s3://events/x%?folder=/x', /invalid prefix "\/x%": write "%" as %25$/],
  ['a=s3://events?folder=/x&credentials-file=/c&file-size=5G', /file-size is at most 4G$/],
  ['a=s3://events?folder=/x&endpoint=minio:9000', /invalid endpoint "minio:9000" \(example/],
  [
    'a=s3://events?folder=/x&credentials-file=/c&endpoint=http://a:1&ca-file=/a',
    /ca-file has no effect without TLS$/,
  ],
  ['a=otlp://host:1/v1/logs', /the URL has a path, "\/v1\/logs": OTLP over HTTP is http/],
  ['a=otlp://host?header=grpc-timeout:1S', /header grpc-timeout is reserved in gRPC$/],
  ['a=otlp://host?header=Connection:close', /header Connection is reserved in gRPC$/],
  ['a=otlp://host?ca-file=/x', /ca-file has no effect without TLS$/],
  ['a=otlp://host?user=me', /user and password-file need each other$/],
  ['a=http://host?header=x', /invalid header "x"/],
  ['a=http://host?header=Authorization: secret', /give token-file$/],
  ['a=http://host?header=X-A:%20b%0d%0ac', /invalid header/],
]

describe('an output as requested', () => {
  for (const [text, message] of errors) {
    it(`is an error: ${text}`, () => {
      assert.throws(() => readOutput(text), { name: 'BadValue', message })
    })
  }

  it('has its parameters in the query of the URL', () => {
    const { name, url, values } = readOutput(
      'siem-1=syslog+tls://[::1]:6514?events=exec&events=process_exit&level=low&queue=1M',
    )
    assert.equal(name, 'siem-1')
    assert.equal(url.host, '[::1]:6514')
    assert.deepEqual(values.events, ['PROCESS_EXEC', 'PROCESS_EXIT'])
    assert.equal(values.level, 'low')
    assert.equal(values.queue, 1 << 20)
    assert.equal(values.timeout, 10_000)
  })

  it('can name more brokers', () => {
    const { values } = readOutput('a=kafka://host?broker=Kafka-2.Example:9092&broker=[::1]:9093')
    assert.deepEqual(values.broker, [
      { host: 'Kafka-2.Example', port: 9092 },
      { host: '::1', port: 9093 },
    ])
  })
})
