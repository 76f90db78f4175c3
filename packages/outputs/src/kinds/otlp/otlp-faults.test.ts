import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { sumOf } from '../../queue/event-class.ts'
import { makeCertificate } from '../../testing/certificates.ts'
import { expiredCertificate } from '../../testing/expired-certificate.ts'
import { HeldTimers } from '../../testing/held-timers.ts'
import { alertLine, execLine } from '../../testing/lines.ts'
import { numbersOf, range, TestOutput } from '../../testing/test-outputs.ts'
import { TestSockets } from '../../testing/test-sockets.ts'
import { until } from '../../testing/until.ts'
import { answer, type GrpcReaction, grpcStatus, TestGrpc } from './testing/test-grpc.ts'

/** google.rpc.Status, encoded by hand: code 8, details { Any { type, RetryInfo { delay } } }. */
const retryInfo = (...delay: readonly number[]): string => {
  const type = Buffer.from('type.googleapis.com/google.rpc.RetryInfo')
  const info = Buffer.of(0x0a, delay.length, ...delay)
  const any = Buffer.of(0x0a, type.length, ...type, 0x12, info.length, ...info)
  return Buffer.of(0x08, 8, 0x1a, any.length, ...any).toString('base64')
}

const timeoutMs = 12_345

describe('an output over gRPC', () => {
  let server: TestGrpc
  let output: TestOutput

  beforeEach(async () => {
    server = new TestGrpc()
    await server.listen()
  })
  afterEach(async () => {
    await output.finish(0)
    await server.die()
  })

  const open = async (parameters = ''): Promise<void> => {
    output = await TestOutput.open(`otlp://127.0.0.1:${server.port}?batch-wait=0s${parameters}`)
  }

  it('waits for a server that is absent at the start', async () => {
    await server.die()
    await open()
    output.addExecs(1, 1000)
    await until(() => output.warnings.length > 0)
    assert.match(output.warnings[0], /^output out failed: connect ECONNREFUSED/)
    await server.listen()
    await server.changes.until(() => server.accepted.length === 1000)
    assert.deepEqual(numbersOf(server.accepted), range(1, 1000))
    assert.equal(server.connections, 1)
  })

  const faults: Readonly<Record<string, GrpcReaction>> = {
    'is unavailable': grpcStatus(14, { 'grpc-message': 'slow%20down' }),
    'is exhausted, and says when to try again': grpcStatus(8, {
      'grpc-status-details-bin': retryInfo(0x10, 0x88, 0x27),
    }),
    'is exhausted, and asks for a time that is out of range': grpcStatus(8, {
      'grpc-status-details-bin': retryInfo(0x08, ...Array(8).fill(0xff), 0x7f),
    }),
    'cancels the call': grpcStatus(1),
    'does not have the service yet': grpcStatus(12),
    'refuses the credentials for now': grpcStatus(16),
    'answers an unknown status': grpcStatus(99),
    'resets the stream': (stream) => stream.close(2),
    'refuses the stream': (stream) => stream.close(7),
    'dies without an answer': (stream) => void stream.session?.destroy(),
    'dies in the middle of an answer': (stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' })
      stream.write('\0\0', () => stream.session?.destroy())
    },
    'answers without a status': (stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { endStream: true })
    },
    'answers with HTTP 502': (stream) => stream.respond({ ':status': 502 }, { endStream: true }),
    'answers with a web page': (stream) => {
      stream.respond({ ':status': 200, 'content-type': 'text/html' })
      stream.end('<html>')
    },
    'answers without an end': (stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' })
      const more = (): void => {
        if (!stream.destroyed) stream.write(Buffer.alloc(1 << 20), more)
      }
      more()
    },
  }
  for (const [fault, reaction] of Object.entries(faults)) {
    it(`sends everything to a server that ${fault}`, async () => {
      server.reactions = [reaction, reaction]
      await open()
      output.addExecs(1, 20)
      await server.changes.until(() => server.accepted.length === 20)
      assert.deepEqual(numbersOf(server.accepted), range(1, 20))
      await output.finish()
      const { sent, retried, lost } = output.status
      assert.deepEqual({ sent, retried, lost: sumOf(lost) }, { sent: 20, retried: 40, lost: 0 })
    })
  }

  it('sends everything to a server that never answers', async () => {
    using timers = new HeldTimers(timeoutMs)
    server.reactions = [() => {}, () => {}]
    await open(`&timeout=${timeoutMs}ms`)
    output.addExecs(1, 20)
    for (const attempts of [1, 2]) {
      await server.changes.until(() => server.calls.length === attempts)
      timers.end(timeoutMs)
    }
    await server.changes.until(() => server.accepted.length === 20)
    assert.deepEqual(numbersOf(server.accepted), range(1, 20))
    await output.finish()
    const { sent, retried } = output.status
    assert.deepEqual({ sent, retried }, { sent: 20, retried: 40 })
  })

  it('says why it fails', async () => {
    server.reactions = [grpcStatus(14, { 'grpc-message': 'slow%20down%1B[2J%E2%9C%93' })]
    await open()
    output.addExecs(1, 1)
    await server.changes.until(() => server.accepted.length === 1)
    assert.equal(output.warnings[0], 'output out failed: gRPC UNAVAILABLE: slow down\\x1b[2J✓')
  })

  it('sends everything to a server that closes after each call', async () => {
    server.otherwise = (stream, call) => {
      const { session } = stream
      server.accept(stream, call)
      stream.on('close', () => session?.close())
    }
    await open('&batch-events=2')
    output.addExecs(1, 20)
    await server.changes.until(() => server.accepted.length === 20)
    assert.deepEqual(numbersOf(server.accepted), range(1, 20))
    await output.finish()
    assert.ok(server.connections >= 5, `${server.connections}`)
  })

  it('sends everything to a server that sends what is not HTTP/2', async () => {
    const sockets = new TestSockets()
    sockets.onSocket = (socket) => void socket.end('\0\x01garbage\r\n\r\n')
    await sockets.listen()
    await server.die()
    server.port = sockets.port
    await open()
    output.addExecs(1, 20)
    await until(() => output.status.retried >= 40)
    await sockets.die()
    await server.listen()
    await server.changes.until(() => server.accepted.length === 20)
    assert.deepEqual(numbersOf(server.accepted), range(1, 20))
  })

  it('accepts a success whose message cannot be read', async () => {
    server.reactions = [(stream) => answer(stream, Buffer.from('garbage'))]
    await open()
    output.addExecs(1, 5)
    await server.changes.until(() => server.calls.length === 1)
    await output.finish()
    assert.deepEqual([output.status.sent, output.status.retried], [5, 0])
  })

  it('waits as long as the server asks', async () => {
    const seconds = retryInfo(0x08, 100)
    server.reactions = [grpcStatus(8, { 'grpc-status-details-bin': seconds })]
    await open()
    output.addExecs(1, 1)
    await server.changes.until(() => server.calls.length === 1)
    await until(() => output.status.failure !== undefined)
    assert.equal(server.calls.length, 1)
    // The last attempt at the end does not wait.
    await output.finish(1000)
    assert.deepEqual(numbersOf(server.accepted), [1])
  })

  it('halves requests that are too large, and gives up an event that is', async () => {
    server.otherwise = (stream, call) => {
      const isHuge = call.records.some(({ body }) => body?.stringValue?.includes('process_kprobe'))
      if (call.records.length > 3 || isHuge) return grpcStatus(8)(stream, call)
      server.accept(stream, call)
    }
    await open()
    output.addExecs(1, 10)
    output.add(alertLine())
    output.addExecs(11, 12)
    await server.changes.until(() => server.accepted.length === 12)
    await output.finish()
    assert.deepEqual(numbersOf(server.accepted), range(1, 12))
    const { refused, refusal } = output.status
    assert.deepEqual([refused, refusal], [1, 'gRPC RESOURCE_EXHAUSTED'])
  })

  it('counts what the server refuses, and what it rejects of a request', async () => {
    server.reactions = [
      grpcStatus(3, { 'grpc-message': 'no such field' }),
      (stream, call) => server.accept(stream, call, 2),
    ]
    await open()
    output.addExecs(1, 5)
    await until(() => output.status.refused !== 0)
    assert.equal(output.status.refusal, 'gRPC INVALID_ARGUMENT: no such field')
    output.addExecs(6, 10)
    await server.changes.until(() => server.accepted.length === 3)
    await output.finish()
    const { sent, refused, refusal } = output.status
    assert.deepEqual([sent, refused, refusal], [3, 7, 'too \\x1b[2Jold'])
  })

  it('refuses events that have no form in protobuf, and sends the others', async () => {
    await open()
    const { process_exec, ...rest } = JSON.parse(execLine(2).toString())
    const process = { ...process_exec.process, pid: 1.5 }
    output.add(execLine(1), Buffer.from(JSON.stringify({ process_exec: { process }, ...rest })))
    output.add(Buffer.from('not JSON'), execLine(3))
    await output.finish()
    assert.deepEqual(numbersOf(server.accepted), [1, 3])
    assert.deepEqual([output.status.sent, output.status.refused], [2, 2])
  })

  it('is bounded, and counts losses, while the server never answers', async () => {
    server.otherwise = () => {}
    await open('&queue=1M')
    output.overfill()
  })

  it('compresses, and sends headers as metadata', async () => {
    await open('&gzip=true&header=X-Scope-OrgID: a, b&timeout=7s')
    output.addExecs(1, 3)
    await server.changes.until(() => server.accepted.length === 3)
    const [{ headers }] = server.calls
    assert.equal(headers[':path'], '/opentelemetry.proto.collector.logs.v1.LogsService/Export')
    const names = ['te', 'grpc-encoding', 'grpc-timeout', 'x-scope-orgid', 'user-agent']
    const values = ['trailers', 'gzip', '7000m', 'a, b', 'tetragon/1.2.3']
    assert.deepEqual(
      names.map((name) => headers[name]),
      values,
    )
  })

  describe('with TLS', () => {
    let folder: string
    beforeEach(async () => {
      folder = mkdtempSync(join(tmpdir(), 'outputs-'))
      await server.die()
    })
    afterEach(() => rmSync(folder, { recursive: true }))

    const listen = async (cert: string | Buffer, key: string | Buffer): Promise<void> => {
      const { port } = server
      const ca = readFileSync(join(folder, 'client.pem'))
      server = new TestGrpc({ cert, key, requestCert: true, rejectUnauthorized: true, ca })
      server.port = port
      await server.listen()
    }

    it('has a certificate and a token, and waits while the certificate of the server has expired', async () => {
      const client = makeCertificate(folder, 'client')
      const { certificate, key } = makeCertificate(folder)
      writeFileSync(join(folder, 'token'), 'secret\n')
      writeFileSync(join(folder, 'ca'), expiredCertificate.certificate)
      await listen(expiredCertificate.certificate, expiredCertificate.key)
      const own = `cert-file=${client.certificate}&key-file=${client.key}`
      const files = `ca-file=${folder}/ca&${own}&token-file=${folder}/token`
      const address = `otlp+tls://localhost:${server.port}?${files}&batch-wait=0s`
      output = await TestOutput.open(address)
      output.addExecs(1, 5)
      await until(() => output.warnings.length > 0)
      assert.match(output.warnings[0], /^output out failed: certificate has expired/)
      await server.die()
      writeFileSync(join(folder, 'ca'), readFileSync(certificate))
      await listen(readFileSync(certificate), readFileSync(key))
      await server.changes.until(() => server.accepted.length === 5)
      assert.equal(server.calls[0].headers.authorization, 'Bearer secret')
    })
  })
})
