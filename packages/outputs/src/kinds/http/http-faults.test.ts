import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { sumOf } from '../../queue/event-class.ts'
import { HeldTimers } from '../../testing/held-timers.ts'
import { alertLine } from '../../testing/lines.ts'
import { type Reaction, status, TestHttp } from '../../testing/test-http.ts'
import { numbersOf, range, TestOutput } from '../../testing/test-outputs.ts'
import { until } from '../../testing/until.ts'

const timeoutMs = 12_345

describe('an output over HTTP', () => {
  let server: TestHttp
  let output: TestOutput
  let accepted: number[]

  beforeEach(async () => {
    accepted = []
    server = new TestHttp()
    server.otherwise = (response, { body }) => {
      accepted.push(...numbersOf(body.toString().trimEnd().split('\n')))
      response.end()
    }
    await server.listen()
  })
  afterEach(async () => {
    await output.finish(0)
    await server.die()
  })

  const open = async (parameters = ''): Promise<void> => {
    const address = `http://127.0.0.1:${server.port}/events?batch-wait=0s${parameters}`
    output = await TestOutput.open(address)
  }

  it('waits for a server that is absent at the start', async () => {
    await server.die()
    await open()
    output.addExecs(1, 1000)
    await until(() => output.warnings.length > 0)
    assert.match(output.warnings[0], /^output out failed: connect ECONNREFUSED/)
    await server.listen()
    await server.changes.until(() => accepted.length === 1000)
    assert.deepEqual(accepted, range(1, 1000))
    assert.equal(server.requests[0].path, '/events')
  })

  const faults: Readonly<Record<string, Reaction>> = {
    'answers 429': status(429, 'slow down', { 'Retry-After': '0' }),
    'answers 500': status(500, 'out of order'),
    'answers 503 until a date': status(503, '', { 'Retry-After': new Date(0).toUTCString() }),
    'refuses the credentials for now': status(401),
    redirects: status(302, '', { Location: 'http://127.0.0.1:1/' }),
    'dies in the middle of an answer': (response) => {
      response.writeHead(200, { 'Content-Length': '10' }).write('abc', () => response.destroy())
    },
    'dies without an answer': (response) => void response.socket?.resetAndDestroy(),
    'answers with what is not HTTP': (response) =>
      void response.socket?.end('\0\x01garbage\r\n\r\n'),
    'answers without an end': (response) => {
      const more = (): void => {
        if (!response.destroyed) response.write(Buffer.alloc(1 << 20), more)
      }
      response.on('error', () => {})
      more()
    },
  }
  for (const [fault, reaction] of Object.entries(faults)) {
    it(`sends everything to a server that ${fault}`, async () => {
      server.reactions = [reaction, reaction]
      await open()
      output.addExecs(1, 20)
      await server.changes.until(() => accepted.length === 20)
      assert.deepEqual(accepted, range(1, 20))
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
      await server.changes.until(() => server.requests.length === attempts)
      timers.end(timeoutMs)
    }
    await server.changes.until(() => accepted.length === 20)
    assert.deepEqual(accepted, range(1, 20))
    await output.finish()
    const { sent, retried } = output.status
    assert.deepEqual({ sent, retried }, { sent: 20, retried: 40 })
  })

  it('sends everything to a server that closes each connection', async () => {
    server.otherwise = (response, { body }) => {
      accepted.push(...numbersOf(body.toString().trimEnd().split('\n')))
      response.writeHead(200, { Connection: 'close' }).end()
    }
    await open('&batch-events=2')
    output.addExecs(1, 20)
    await server.changes.until(() => accepted.length === 20)
    assert.deepEqual(accepted, range(1, 20))
  })

  it('waits as long as the server asks', async () => {
    server.reactions = [status(429, '', { 'Retry-After': '100' })]
    await open()
    output.addExecs(1, 1)
    await server.changes.until(() => server.requests.length === 1)
    await until(() => output.status.failure !== undefined)
    await output.finish(1000)
    // The last attempt at the end does not wait.
    assert.deepEqual(accepted, [1])
  })

  it('halves batches that are too large, and gives up an event that is', async () => {
    const largest = 3
    const tooLarge: Reaction = (response, { body }) => {
      const lines = body.toString().trimEnd().split('\n')
      const isHuge = lines.some((line) => line.includes('process_kprobe'))
      if (lines.length > largest || isHuge) return void response.writeHead(413).end()
      accepted.push(...numbersOf(lines))
      response.end()
    }
    server.otherwise = tooLarge
    await open()
    output.addExecs(1, 10)
    output.add(alertLine())
    output.addExecs(11, 12)
    await server.changes.until(() => accepted.length === 12)
    await output.finish()
    assert.deepEqual(accepted, range(1, 12))
    assert.equal(output.status.refused, 1)
  })

  it('counts what the server refuses', async () => {
    server.reactions = [status(400, 'no such field\x1b[2J')]
    await open()
    output.addExecs(1, 5)
    await server.changes.until(() => server.requests.length === 1)
    await until(() => output.status.refused !== 0)
    output.addExecs(6, 6)
    await server.changes.until(() => accepted.length === 1)
    assert.deepEqual([output.status.refused, accepted], [5, [6]])
    assert.equal(output.status.refusal, 'HTTP 400: no such field\\x1b[2J')
  })

  it('is bounded, and counts losses, while the server never answers', async () => {
    server.otherwise = () => {}
    await open('&queue=1M')
    output.overfill()
  })

  describe('with secrets in files', () => {
    let folder: string
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'outputs-'))
      writeFileSync(join(folder, 'token'), 'first\n')
      writeFileSync(join(folder, 'key'), 'key\n')
    })
    afterEach(() => rmSync(folder, { recursive: true }))

    it('reads a token again when it is refused', async () => {
      server.reactions = [
        (response) => {
          writeFileSync(join(folder, 'token'), 'second\n')
          response.writeHead(401).end()
        },
      ]
      await open(`&token-file=${folder}/token`)
      output.addExecs(1, 1)
      await server.changes.until(() => accepted.length === 1)
      const tokens = server.requests.map(({ headers }) => headers.authorization)
      assert.deepEqual(tokens, ['Bearer first', 'Bearer second'])
    })

    it('authenticates a user', async () => {
      await open(`&user=me&password-file=${folder}/token`)
      output.addExecs(1, 1)
      await server.changes.until(() => accepted.length === 1)
      const [{ headers }] = server.requests
      assert.equal(headers.authorization, `Basic ${Buffer.from('me:first').toString('base64')}`)
    })

    it('signs and compresses the body', async () => {
      server.otherwise = status(200)
      await open(`&hmac-key-file=${folder}/key&gzip=true&header=X-Scope-OrgID: a, b`)
      output.addExecs(1, 3)
      await server.changes.until(() => server.requests.length === 1)
      const [{ body, headers }] = server.requests
      const signature = createHmac('sha256', 'key').update(body).digest('hex')
      assert.equal(headers['x-signature-256'], `sha256=${signature}`)
      assert.equal(headers['x-scope-orgid'], 'a, b')
      assert.equal(headers['content-encoding'], 'gzip')
      assert.deepEqual(numbersOf(gunzipSync(body).toString().trimEnd().split('\n')), [1, 2, 3])
    })

    it('refuses to start without its files', async () => {
      await open()
      const address = `http://127.0.0.1:1/?token-file=${folder}/nothing`
      await assert.rejects(TestOutput.open(address), { name: 'BadValue', message: /ENOENT/ })
    })
  })
})
