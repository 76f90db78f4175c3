import assert from 'node:assert/strict'
import { createPublicKey, verify } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { TLSSocket } from 'node:tls'
import { sumOf } from '../../queue/event-class.ts'
import { makeCertificate } from '../../testing/certificates.ts'
import { HeldTimers } from '../../testing/held-timers.ts'
import { alertLine } from '../../testing/lines.ts'
import { numbersOf, range, TestOutput } from '../../testing/test-outputs.ts'
import { until } from '../../testing/until.ts'
import { Nkey } from './nkey.ts'
import { FakeNats, type Reaction } from './testing/fake-nats.ts'
import { testSeed } from './testing/test-seed.ts'

const timeoutMs = 12_345

describe('an output to NATS', () => {
  let server: FakeNats
  let output: TestOutput

  beforeEach(async () => {
    server = new FakeNats()
    await server.listen()
  })
  afterEach(async () => {
    await output.finish(0)
    await server.die()
  })

  const open = async (parameters = ''): Promise<void> => {
    output = await TestOutput.open(`nats://127.0.0.1:${server.port}?${parameters}`)
  }
  const accepted = () => numbersOf(server.accepted.map(({ text }) => text))
  const warned = async (): Promise<string> => {
    await until(() => output.warnings.length > 0)
    return output.warnings[0]
  }

  it('waits for a server that is absent at the start', async () => {
    await server.die()
    await open()
    output.addExecs(1, 1000)
    assert.match(await warned(), /^output out failed: connect ECONNREFUSED/)
    await server.listen()
    await server.changes.until(() => server.accepted.length === 1000)
    assert.deepEqual(accepted(), range(1, 1000))
    const [{ subject, headers }] = server.accepted
    assert.equal(subject, 'tetragon.events')
    assert.match(headers, /^NATS\/1\.0\r\nNats-Msg-Id: [\w-]{22}\r\n\r\n$/)
  })

  const faults: Readonly<Record<string, Reaction>> = {
    'dies without an acknowledgement': (_, socket) => void socket.resetAndDestroy(),
    'closes the connection': (_, socket) => void socket.end(),
    'sends what is not NATS': (_, socket) => void socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'),
    'sends a line that never ends': (_, socket) => void socket.write('x'.repeat(1 << 17)),
    'announces a message that is too long': (_, socket) => void socket.write('MSG a 1 9999999\r\n'),
    'announces a length that is none': (_, socket) => void socket.write('MSG a 1 -5\r\n'),
    'sends an error': (_, socket) => void socket.write("-ERR 'Slow Consumer'\r\n"),
    'answers with what is not JSON': (answer) => answer('+OK'),
    'answers with other JSON': (answer) => answer('[null]'),
    'answers with an error of another form': (answer) => answer('{"error":7}'),
    'has no room': (answer) =>
      answer('{"error":{"code":503,"err_code":10077,"description":"full"}}'),
    'has no stream': (_, socket, { inbox }) => {
      socket.write(`HMSG ${inbox} 1 16 16\r\nNATS/1.0 503\r\n\r\n\r\n`)
    },
  }
  for (const [name, fault] of Object.entries(faults)) {
    it(`sends again if the server ${name}`, async () => {
      server.reactions = [fault]
      await open()
      output.addExecs(1, 3)
      await server.changes.until(() => new Set(accepted()).size === 3)
      await output.finish()
      assert.deepEqual([output.status.sent, sumOf(output.status.lost)], [3, 0])
      assert.equal(output.warnings.length, 2, output.warnings.join())
      assert.match(output.warnings[1], /works again$/)
    })
  }

  it('ends an attempt that the server never answers', async () => {
    using timers = new HeldTimers(timeoutMs)
    server.reactions = [() => {}]
    await open(`timeout=${timeoutMs}ms`)
    output.addExecs(1, 3)
    await server.changes.until(() => server.reactions.length === 0)
    timers.end(timeoutMs)
    await server.changes.until(() => new Set(accepted()).size === 3)
    assert.match(output.warnings[0], /no answer within 12345 ms/)
  })

  it('ends an attempt to log in that the server never answers', async () => {
    const { onSocket } = server
    using timers = new HeldTimers(timeoutMs)
    server.onSocket = () => {
      server.onSocket = onSocket
    }
    await open(`timeout=${timeoutMs}ms`)
    output.addExecs(1, 3)
    await server.changes.until(() => server.onSocket === onSocket)
    timers.end(timeoutMs)
    await server.changes.until(() => server.accepted.length === 3)
    assert.match(output.warnings[0], /no answer within 12345 ms/)
  })

  it('tries again to create a stream', async () => {
    server.reactions = [(answer) => answer('{"error":{"description":"no space"}}')]
    await open('&stream=EVENTS&create-stream=1M')
    output.addExecs(1, 1)
    assert.equal(await warned(), 'output out failed: create stream EVENTS: no space')
    await server.changes.until(() => server.accepted.length === 2)
    const [request, message] = server.accepted
    assert.equal(request.subject, '$JS.API.STREAM.CREATE.EVENTS')
    assert.deepEqual(JSON.parse(request.text).subjects, ['tetragon.events'])
    assert.match(message.headers, /Nats-Expected-Stream: EVENTS\r\n/)
  })

  it('refuses what the stream never accepts, and what is too long', async () => {
    server.info.max_payload = 1 << 16
    const tooLarge =
      '{"error":{"err_code":10054,"description":"message size exceeds maximum allowed"}}'
    server.reactions = [(answer) => answer(tooLarge)]
    await open()
    output.add(alertLine('high', 'x'.repeat(1 << 16)))
    output.addExecs(1, 2)
    await server.changes.until(() => server.accepted.length === 1)
    await output.finish()
    assert.deepEqual([output.status.refused, output.status.sent], [2, 1])
    assert.match(output.status.refusal ?? '', /JetStream: message size exceeds/)
  })

  it('sends less at once if messages are too large after all, and refuses one that is', async () => {
    const tooLarge: Reaction = (_, socket) => {
      socket.write("-ERR 'Maximum Payload Violation'\r\n")
    }
    server.reactions = [tooLarge, tooLarge, tooLarge]
    await open()
    output.addExecs(1, 2)
    await server.changes.until(() => server.accepted.length > 0)
    await output.finish()
    assert.deepEqual([output.status.refused, output.status.sent], [1, 1])
    assert.equal(output.status.refusal, 'NATS: Maximum Payload Violation')
  })

  for (const max_payload of [0, -1, 1000]) {
    it(`refuses no event if the server has a maximum of ${max_payload} bytes`, async () => {
      const right = server.info
      server.info = { ...right, max_payload }
      await open()
      output.addExecs(1, 1)
      assert.match(await warned(), /limited to .* bytes: set max_payload of the server to 64K/)
      server.info = right
      await server.changes.until(() => server.accepted.length === 1)
      assert.equal(output.status.refused, 0)
    })
  }

  it('refuses no event because of what anybody can have sent before TLS', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'nats-tls-'))
    const { certificate, key } = makeCertificate(folder)
    const [cert, secret] = [certificate, key].map((path) => readFileSync(path))
    server.info = { ...server.info, tls_required: true, max_payload: 1 }
    server.onSocket = (plain) => {
      server.greet(plain)
      const socket = new TLSSocket(plain, { isServer: true, cert, key: secret })
      socket.on('error', () => {})
      server.serve(socket)
    }
    const address = `nats+tls://localhost:${server.port}?ca-file=${certificate}`
    output = await TestOutput.open(address)
    output.addExecs(1, 3)
    await server.changes.until(() => server.accepted.length === 3)
    assert.deepEqual(accepted(), [1, 2, 3])
    rmSync(folder, { recursive: true })
  })

  it('accepts an answer that says that there is no error', async () => {
    server.reactions = [(answer) => answer('{"error":null,"stream":"EVENTS","seq":1}')]
    await open()
    output.addExecs(1, 1)
    await output.finish()
    assert.deepEqual([output.status.sent, output.status.retried], [1, 0])
  })

  it('shortens what the server says', async () => {
    server.reactions = [(_, socket) => void socket.write(`-ERR '${'x'.repeat(60_000)}'\r\n`)]
    await open()
    output.addExecs(1, 1)
    assert.ok((await warned()).length < 300)
  })

  it('has other ids for the same events in another schema', async () => {
    await open()
    output.addExecs(1, 1)
    await output.finish()
    await open('schema=ecs')
    output.addExecs(1, 1)
    await output.finish()
    const ids = server.accepted.map(({ headers }) => /Nats-Msg-Id: (.*)/.exec(headers)?.[1])
    assert.equal(new Set(ids).size, 2)
  })

  for (const [info, message] of [
    [{ headers: false, jetstream: true }, /use NATS 2\.2 or newer/],
    [{ headers: true, jetstream: false }, /has no JetStream/],
    [{ tls_required: true, headers: true, jetstream: true }, /requires TLS: use nats\+tls/],
  ] as const) {
    it(`says what is missing: ${message.source}`, async () => {
      server.info = info
      await open()
      output.addExecs(1, 1)
      assert.match(await warned(), message)
      assert.deepEqual(server.login, {})
    })
  }

  it('sends no credentials to a server without TLS if it is to have it', async () => {
    output = await TestOutput.open(`nats+tls://127.0.0.1:${server.port}`)
    output.addExecs(1, 1)
    assert.match(await warned(), /the server has no TLS/)
    assert.deepEqual(server.login, {})
  })

  it('logs in with credentials, which sign what the server asks to sign', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'creds-'))
    const path = join(folder, 'agent.creds')
    const block = (name: string, text: string) => {
      return `-----BEGIN ${name}-----\n${text}\n------END ${name}------\n`
    }
    writeFileSync(path, block('NATS USER JWT', 'a.b.c') + block('USER NKEY SEED', testSeed))
    server.info.nonce = 'n0nce'
    await open(`&creds-file=${path}`)
    output.addExecs(1, 1)
    await server.changes.until(() => server.accepted.length === 1)
    assert.equal(server.login.jwt, 'a.b.c')
    assert.equal(server.login.sig, new Nkey(testSeed).sign('n0nce'))
    rmSync(folder, { recursive: true })
    await assert.rejects(
      TestOutput.open(`nats://localhost?creds-file=${path}`),
      /read file: ENOENT/,
    )
  })
})

describe('an NKey', () => {
  it('has the name and the signatures that NATS expects', () => {
    const key = new Nkey(testSeed)
    // As the library @nats-io/nkeys names it.
    assert.equal(key.publicKey, 'UDVEU3DD4KOFECV66VIHWEZOYX4ZKR3WV27L464SIIPOU2IUI3JCYSJF')
    const spki = Buffer.concat([
      Buffer.from('302a300506032b6570032100', 'hex'),
      Buffer.from('ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c', 'hex'),
    ])
    const publicKey = createPublicKey({ key: spki, format: 'der', type: 'spki' })
    const signature = Buffer.from(key.sign('n0nce'), 'base64url')
    assert.ok(verify(null, Buffer.from('n0nce'), publicKey, signature))
  })

  for (const wrong of ['', 'SUAA', `${testSeed.slice(0, -1)}A`, 'not base32!', `${testSeed}AA`]) {
    it(`is not made of ${JSON.stringify(wrong)}`, () => {
      assert.throws(() => new Nkey(wrong), { name: 'BadValue', message: /no seed of a user/ })
    })
  }
})
