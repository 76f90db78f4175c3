import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { TLSSocket } from 'node:tls'
import { sumOf } from '../../queue/event-class.ts'
import { makeCertificate, type TestCertificate } from '../../testing/certificates.ts'
import { HeldTimers } from '../../testing/held-timers.ts'
import { numbersOf, range, TestOutput } from '../../testing/test-outputs.ts'
import { until } from '../../testing/until.ts'
import { mechanisms } from './broker/log-in.ts'
import { FakeKafka, type Reaction } from './testing/fake-kafka.ts'
import { missingKafka } from './testing/kafka-cluster.ts'
import { SaslServer } from './testing/scram-server.ts'

const timeoutMs = 12_345

/** An exec of a process of its own. */
function execOf(number: number): Buffer {
  const process = { exec_id: `exec-${number}`, pid: number, arguments: String(number) }
  return Buffer.from(JSON.stringify({ process_exec: { process }, node_name: 'node-1' }))
}

describe('an output to Kafka', () => {
  let server: FakeKafka
  let output: TestOutput
  let folder: string

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kafka-'))
    writeFileSync(join(folder, 'password'), 'secret\n')
    server = new FakeKafka()
    await server.listen()
  })
  afterEach(async () => {
    await output?.finish(0)
    await server.die()
    rmSync(folder, { recursive: true })
  })

  const open = async (parameters = '', scheme = 'kafka'): Promise<void> => {
    output = await TestOutput.open(
      `${scheme}://localhost:${server.port}?batch-wait=0s&${parameters}`,
      folder,
    )
  }
  const accepted = () => {
    return numbersOf(server.accepted.flatMap(({ records }) => records.map(({ value }) => value)))
  }
  const has = (count: number) => server.changes.until(() => new Set(accepted()).size === count)
  const warned = async (): Promise<string> => {
    await until(() => output.warnings.length > 0)
    return output.warnings[0]
  }

  it('waits for a broker that is absent at the start', async () => {
    await server.die()
    await open()
    output.addExecs(1, 1000)
    assert.match(await warned(), /^output out failed: .*ECONNREFUSED/)
    await server.listen()
    await has(1000)
    assert.deepEqual(accepted(), range(1, 1000))
  })

  const faults: Readonly<Record<string, Reaction>> = {
    'dies without an answer': (_, socket) => void socket.resetAndDestroy(),
    'closes the connection': (_, socket) => void socket.end(),
    'sends what is not Kafka': (_, socket) => void socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'),
    'sends an alert of TLS': (_, socket) => void socket.write(Buffer.from('15030300020228', 'hex')),
    'announces a negative length': (_, socket) => void socket.write(Buffer.alloc(8, 0xff)),
    'answers another request': (_, socket) => {
      socket.write(Buffer.from([0, 0, 0, 8, 0, 0, 0, 99, 0, 0, 0, 0]))
    },
    'sends a list that is too long': (_, socket) => {
      socket.write(Buffer.from([0, 0, 0, 8, 0, 0, 0, 4, 127, 255, 255, 255]))
    },
    'sends more than the answer': (answer, socket, batch) => {
      answer(server.accept(batch))
      socket.write('x')
    },
    'has no result for the batch': (_, socket) => {
      socket.write(Buffer.from([0, 0, 0, 12, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0]))
    },
    'answers with an unknown error': (answer) => answer(999),
  }
  for (const [name, fault] of Object.entries(faults)) {
    it(`sends again if the broker ${name}`, async () => {
      server.reactions = [fault]
      await open()
      output.addExecs(1, 3)
      // The broker may have them before the answer fails.
      await until(() => output.status.sent === 3)
      await output.finish()
      assert.deepEqual([new Set(accepted()).size, sumOf(output.status.lost)], [3, 0])
    })
  }

  it('sends what the broker may have as it was, and what has arrived later after it', async () => {
    const bytes: Buffer[] = []
    server.reactions = [
      (_, socket, batch) => {
        server.accept(batch)
        bytes.push(batch)
        socket.resetAndDestroy()
        output.addExecs(4, 6)
      },
      (answer, _, batch) => {
        bytes.push(batch)
        answer(server.accept(batch))
      },
    ]
    await open('compression=gzip')
    output.addExecs(1, 3)
    await has(6)
    await output.finish()
    assert.deepEqual(bytes[0], bytes[1])
    assert.deepEqual([accepted(), output.status.sent], [range(1, 6), 6])
  })

  it('ends an attempt that the broker never answers', async () => {
    using timers = new HeldTimers(timeoutMs)
    server.reactions = [() => {}]
    await open(`timeout=${timeoutMs}ms&queue=1M`)
    output.addExecs(1, 3)
    await server.changes.until(() => server.reactions.length === 0)
    output.overfill()
    timers.end(timeoutMs)
    await server.changes.until(() => server.accepted.length > 0)
    assert.match(output.warnings[0], /no answer within 12345 ms/)
  })

  it('ends an attempt to connect that the broker never answers', async () => {
    const { onSocket } = server
    using timers = new HeldTimers(timeoutMs)
    server.onSocket = () => {
      server.onSocket = onSocket
    }
    await open(`timeout=${timeoutMs}ms`)
    output.addExecs(1, 3)
    await server.changes.until(() => server.onSocket === onSocket)
    timers.end(timeoutMs)
    await has(3)
    assert.match(output.warnings[0], /no answer within 12345 ms/)
  })

  it('waits as long as the broker asks it to', async () => {
    server.throttleMs = 200_000
    await open()
    output.addExecs(1, 3)
    await until(() => output.status.sent >= 3)
    output.addExecs(4, 6)
    for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate)
    assert.equal(server.accepted.length, 1)
    server.throttleMs = 0
    // At the end, nothing waits any more.
    await output.finish()
    await has(6)
    assert.deepEqual(output.warnings, [])
  })

  it('asks for metadata once per attempt, however many partitions have no leader', async () => {
    server.leaders = Array.from({ length: 100 }, () => -1)
    await open('key=process&batch-events=1000')
    for (const number of range(1, 1000)) output.add(execOf(number))
    assert.match(await warned(), /partition \d+ of tetragon.events: Kafka: LEADER_NOT_AVAILABLE/)
    await until(() => output.status.retried >= 5000)
    const attempts = output.status.retried / 1000
    assert.ok(server.metadataRequests <= 2 * attempts + 2, `${server.metadataRequests} requests`)
  })

  it('keeps a bounded number of connections, however many brokers there are', async () => {
    // Names of this host that differ.
    server.hosts = Array.from({ length: 400 }, (_, bits) => {
      return Array.from('localhost', (c, i) => ((bits >> i) & 1 ? c.toUpperCase() : c)).join('')
    })
    server.leaders = range(1, 400)
    let [connections, most] = [0, 0]
    const { onSocket } = server
    server.onSocket = (socket) => {
      most = Math.max(most, ++connections)
      socket.on('close', () => connections--)
      onSocket(socket)
    }
    await open('key=process&timeout=600s')
    for (const number of range(1, 2000)) output.add(execOf(number))
    await until(() => output.status.sent === 2000)
    await until(() => connections === 256)
    assert.ok(most <= 256 + 2 * 64, `${most} connections`)
    assert.equal(new Set(accepted()).size, 2000)
  })

  const login = (sasl: string) => `user=agent&password-file=${folder}/password&sasl=${sasl}`

  for (const [sasl, mechanism] of Object.entries(mechanisms)) {
    it(`logs in with ${mechanism}, and only with the right password`, async () => {
      server.sasl = (wanted) =>
        wanted === mechanism ? new SaslServer(wanted, 'secret') : undefined
      await open(login(sasl))
      output.addExecs(1, 3)
      await has(3)
      await output.finish()
      writeFileSync(join(folder, 'password'), 'wrong')
      await open(login(sasl))
      output.addExecs(4, 4)
      assert.match(await warned(), /SASL_AUTHENTICATION_FAILED: wrong password/)
      assert.equal(server.logins, 1)
    })
  }

  it('says which mechanisms the broker has', async () => {
    server.sasl = () => undefined
    await open(login('plain'))
    output.addExecs(1, 1)
    assert.match(await warned(), /UNSUPPORTED_SASL_MECHANISM: the broker has SCRAM-SHA-256/)
  })

  const impostors: Readonly<Record<string, readonly [Partial<SaslServer>, RegExp]>> = {
    'does not know the password': [{ proof: 'v=AAAA' }, /the broker does not know the password/],
    'asks for few iterations': [{ iterations: '1' }, /asks for 1 iterations/],
    'asks for too many iterations': [{ iterations: '999999999' }, /asks for 999999999 iterations/],
    'sends an error': [{ proof: 'e=unknown-user' }, /SCRAM: unknown-user/],
  }
  for (const [name, [fields, message]] of Object.entries(impostors)) {
    it(`sends no events to a broker that ${name}`, async () => {
      server.sasl = (mechanism) => Object.assign(new SaslServer(mechanism, 'secret'), fields)
      await open(login('scram-sha-256'))
      output.addExecs(1, 1)
      assert.match(await warned(), message)
      assert.deepEqual(server.arrived, [])
    })
  }

  it('logs in again before the broker ends the session', async () => {
    server.sasl = (mechanism) => new SaslServer(mechanism, 'secret')
    server.lifetimeMs = 1
    await open(login('scram-sha-512'))
    output.addExecs(1, 2)
    await has(2)
    await new Promise((resolve) => setTimeout(resolve, 2))
    output.addExecs(3, 4)
    await has(4)
    assert.ok(server.logins >= 2)
    assert.deepEqual(output.warnings, [])
  })

  const listenTls = ({ certificate, key }: TestCertificate): void => {
    const [cert, secret] = [certificate, key].map((path) => readFileSync(path))
    server.onSocket = (plain) => {
      const socket = new TLSSocket(plain, { isServer: true, cert, key: secret })
      socket.on('error', () => {})
      server.serve(socket)
    }
  }

  it('uses TLS, and only with a certificate that is trusted', async () => {
    const { certificate, key } = makeCertificate(folder)
    listenTls({ certificate, key })
    await open(`ca-file=${certificate}`, 'kafka+tls')
    output.addExecs(1, 3)
    await has(3)
    await output.finish()
    for (const [scheme, message] of [
      ['kafka+tls', /self-signed certificate/],
      ['kafka', /closed the connection|ECONNRESET|the port is one of TLS/],
    ] as const) {
      await open('', scheme)
      output.addExecs(1, 1)
      assert.match(await warned(), message)
      await output.finish(0)
    }
    assert.equal(server.arrived.length, 1)
  })

  it('checks the certificate of a broker that the metadata names by its address', async () => {
    server.hosts = ['127.0.0.1']
    const names = { 'DNS:localhost,IP:127.0.0.1': 1, 'DNS:localhost,IP:127.0.0.2': 0 }
    for (const [alternatives, sent] of Object.entries(names)) {
      const files = makeCertificate(folder, 'broker', alternatives)
      listenTls(files)
      await open(`ca-file=${files.certificate}`, 'kafka+tls')
      output.addExecs(1, 1)
      if (sent === 1) await has(1)
      else assert.match(await warned(), /IP: 127\.0\.0\.1 is not in the cert's list/)
      await output.finish(sent * 10_000)
      assert.equal(output.status.sent, sent)
    }
    assert.equal(server.arrived.length, 1)
  })
})

// The broker of these tests is right if another client can use it.
describe('the broker of the tests', { skip: missingKafka }, () => {
  for (const mechanism of ['', ...Object.values(mechanisms)]) {
    it(`accepts records of kcat, ${mechanism || 'without a login'}`, async () => {
      await using server = new FakeKafka()
      if (mechanism !== '') server.sasl = (wanted) => new SaslServer(wanted, 'secret')
      await server.listen()
      const settings = mechanism === '' ? [] : ['security.protocol=SASL_PLAINTEXT']
      if (mechanism !== '') {
        settings.push(`sasl.mechanism=${mechanism}`, 'sasl.username=agent', 'sasl.password=secret')
      }
      settings.push('enable.idempotence=true', 'linger.ms=0')
      const options = settings.flatMap((each) => ['-X', each])
      const args = ['-P', '-b', `localhost:${server.port}`, '-t', 'tetragon.events', ...options]
      const child = spawn('kcat', args, { stdio: ['pipe', 'ignore', 'inherit'] })
      const exited = once(child, 'exit')
      child.stdin.end('one\ntwo\n')
      const [code] = await exited
      assert.equal(code, 0)
      const records = server.accepted.flatMap((batch) => batch.records)
      assert.deepEqual(
        records.map(({ value }) => value),
        ['one', 'two'],
      )
    })
  }
})
