import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, describe, it } from 'node:test'
import type { ListenAddress } from '@tetragon-ts/service/listen'
import type { HttpListener } from '@tetragon-ts/service/listen/http'
import { Log } from '../../log/log.ts'
import { serveMetrics } from './metrics-server.ts'

const messages: string[] = []
const log = new Log('info', (line) => messages.push(line))
const anyPort: ListenAddress = { kind: 'tcp', host: '127.0.0.1', port: 0 }
const servers: HttpListener[] = []
after(() => Promise.all(servers.map((server) => server.close())))

async function serve(read: () => Promise<string>): Promise<string> {
  const server = await serveMetrics(anyPort, read, log)
  servers.push(server)
  const { address } = server
  assert.equal(address.kind, 'tcp')
  return `http://127.0.0.1:${address.kind === 'tcp' ? address.port : 0}`
}

describe('the server of metrics', () => {
  it('returns the metrics', async () => {
    const url = await serve(async () => 'a 1\n')
    const response = await fetch(`${url}/metrics?x=y`)
    assert.equal(response.status, 200)
    assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/)
    assert.equal(await response.text(), 'a 1\n')
  })

  it('has no other pages, and accepts no other methods', async () => {
    const url = await serve(async () => 'a 1\n')
    assert.equal((await fetch(`${url}/`)).status, 404)
    assert.equal((await fetch(`${url}/metrics`, { method: 'POST', body: 'x' })).status, 405)
    const head = await fetch(`${url}/metrics`, { method: 'HEAD' })
    assert.equal(await head.text(), '')
  })

  it('collects once for concurrent requests', async () => {
    let asked = 0
    const url = new URL(
      await serve(async () => {
        asked++
        return 'a 1\n'
      }),
    )
    // In one packet, so that both arrive before a response.
    const socket = connect(Number(url.port), url.hostname)
    socket.end('GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(2))
    const answers = (await text(socket)).match(/a 1\n/g)
    assert.deepEqual(answers, ['a 1\n', 'a 1\n'])
    assert.equal(asked, 1)
  })

  it('reports a failure, and continues', async () => {
    let fails = true
    const url = await serve(async () => {
      if (fails) throw new Error('no kernel')
      return 'a 1\n'
    })
    assert.equal((await fetch(`${url}/metrics`)).status, 500)
    assert.match(messages.join(''), /read metrics: no kernel/)
    fails = false
    assert.equal((await fetch(`${url}/metrics`)).status, 200)
  })

  it('cannot share its port', async () => {
    const url = new URL(await serve(async () => ''))
    const taken: ListenAddress = { kind: 'tcp', host: '127.0.0.1', port: Number(url.port) }
    const expected = { code: 'AGENT_SERVER', message: /^serve metrics on .*EADDRINUSE/ }
    await assert.rejects(
      serveMetrics(taken, async () => '', log),
      expected,
    )
  })

  it('can use a socket, which replaces a leftover one', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tetragon-metrics-'))
    try {
      const path = join(folder, 'metrics.sock')
      const left = createServer().listen(path)
      await once(left, 'listening')
      // The file is kept if its name does not belong to the listener any more.
      renameSync(path, `${path}.left`)
      await new Promise((resolve) => left.close(resolve))
      renameSync(`${path}.left`, path)
      const server = await serveMetrics({ kind: 'unix', path }, async () => 'a 1\n', log)
      assert.equal(server.url('/metrics'), `unix://${path}`)
      const socket = connect(path)
      socket.end('GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n')
      assert.match(await text(socket), /a 1\n/)
      await server.close()
      assert.deepEqual(readdirSync(folder), [])
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
