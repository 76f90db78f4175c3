import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { credentials } from '@grpc/grpc-js'
import { freePort } from '@tetragon-ts/service/listen/testing'
import { Log } from '../../log/log.ts'
import { TestClient } from '../../testing/test-client.ts'
import { Certificates } from '../listen/certificates.ts'
import { TestServer } from './testing/test-server.ts'

const hasOpenssl = spawnSync('openssl', ['version']).status === 0

let folder: string
const path = (name: string) => join(folder, name)

function openssl(...args: string[]): void {
  const { status, stderr } = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' })
  assert.equal(status, 0, stderr)
}

/** Creates a key and a self-signed certificate: `NAME.key`, `NAME.pem`. */
function makeCertificate(name: string, validity = ['-days', '2']): void {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
  const files = ['-keyout', `${name}.key`, '-out', `${name}.pem`]
  openssl('req', '-x509', ...key, ...validity, ...names, ...files)
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 200; i++) {
    if (await condition()) return
    await sleep(10)
  }
  assert.fail('it does not come')
}

const skip = hasOpenssl ? false : 'openssl is not installed'

describe('TLS', { skip }, () => {
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'tls-'))
    for (const name of ['server', 'client', 'stranger', 'next']) makeCertificate(name)
  })
  after(() => rmSync(folder, { recursive: true }))

  async function start(requireClientCertificate: boolean) {
    const port = await freePort()
    const test = await TestServer.start({
      addresses: [{ kind: 'tcp', host: '127.0.0.1', port }],
      tls: {
        certificate: path('server.pem'),
        key: path('server.key'),
        clientCas: requireClientCertificate ? [path('client.pem')] : [],
        requireClientCertificate,
      },
    })
    return { test, address: `127.0.0.1:${port}` }
  }

  /** The version received by a client with these files, or the error. */
  async function ask(address: string, ca?: string, own?: string): Promise<unknown> {
    const read = (name: string) => readFileSync(path(name))
    const channel = ca
      ? own
        ? credentials.createSsl(read(`${ca}.pem`), read(`${own}.key`), read(`${own}.pem`))
        : credentials.createSsl(read(`${ca}.pem`))
      : credentials.createInsecure()
    const client = new TestClient(address, channel)
    try {
      return await client.call('GetVersion')
    } catch (error) {
      return (error as { code: number }).code
    } finally {
      client.close()
    }
  }

  const version = { version: '1.2.3' }
  const unavailable = 14

  it('is required for TCP', async () => {
    const { test, address } = await start(false)
    assert.deepEqual(await ask(address, 'server'), version)
    assert.equal(await ask(address), unavailable)
    assert.equal(await ask(address, 'stranger'), unavailable)
    await test.stop()
  })

  it('can require client certificates', async () => {
    const { test, address } = await start(true)
    assert.deepEqual(await ask(address, 'server', 'client'), version)
    assert.equal(await ask(address, 'server', 'stranger'), unavailable)
    assert.equal(await ask(address, 'server'), unavailable)
    await test.stop()
  })

  it('reloads certificates while it runs, and keeps the old ones if the new ones are invalid', async () => {
    for (const end of ['key', 'pem']) copyFileSync(path(`server.${end}`), path(`live.${end}`))
    const messages: string[] = []
    const log = new Log('info', (line) => messages.push(line))
    const files = {
      certificate: path('live.pem'),
      key: path('live.key'),
      clientCas: [],
      requireClientCertificate: false,
      pollMs: 10,
    }
    using certificates = new Certificates(files, log)
    let latest: Buffer | undefined
    certificates.addIdentityCertificateListener((update) => {
      latest = update?.certificate
    })
    await sleep(50)
    assert.deepEqual(latest, readFileSync(path('server.pem')))
    writeFileSync(path('live.pem'), 'half a certi')
    await sleep(100)
    assert.deepEqual(latest, readFileSync(path('server.pem')))
    assert.equal(
      messages.filter((line) => line.includes('the old certificates remain in use')).length,
      1,
    )
    for (const end of ['key', 'pem']) copyFileSync(path(`next.${end}`), path(`live.${end}`))
    await sleep(100)
    assert.deepEqual(latest, readFileSync(path('next.pem')))
  })

  it('reloads certificates of both sides while clients are connected', async () => {
    const put = (from: string, to: string) => {
      // As certificate managers do: the new file replaces the old one.
      copyFileSync(path(from), path(`${to}.new`))
      renameSync(path(`${to}.new`), path(to))
    }
    const [serverFiles, clientFile] = [['pem', 'key'], 'clients.pem'] as const
    for (const end of serverFiles) put(`server.${end}`, `rotated.${end}`)
    put('client.pem', clientFile)
    const port = await freePort()
    const address = `127.0.0.1:${port}`
    const test = await TestServer.start({
      addresses: [{ kind: 'tcp', host: '127.0.0.1', port }],
      tls: {
        certificate: path('rotated.pem'),
        key: path('rotated.key'),
        clientCas: [path(clientFile)],
        requireClientCertificate: true,
        pollMs: 10,
      },
    })
    const read = (name: string) => readFileSync(path(name))
    const own = [read('client.key'), read('client.pem')] as const
    const watcher = new TestClient(address, credentials.createSsl(read('server.pem'), ...own))
    const stream = await watcher.events()
    assert.equal(await ask(address, 'next', 'client'), unavailable)

    for (const end of serverFiles) put(`next.${end}`, `rotated.${end}`)
    await until(async () => isDeepStrictEqual(await ask(address, 'next', 'client'), version))
    assert.equal(await ask(address, 'server', 'client'), unavailable)

    put('stranger.pem', clientFile)
    await until(async () => isDeepStrictEqual(await ask(address, 'next', 'stranger'), version))
    assert.equal(await ask(address, 'next', 'client'), unavailable)

    test.host.events.emit({ process_exec: { process: { exec_id: 'x' } } })
    await stream.wait(1)
    watcher.close()
    await test.stop()
  })

  it('warns of expired certificates, which clients refuse', async () => {
    makeCertificate('expired', ['-not_before', '20200101000000Z', '-not_after', '20200201000000Z'])
    const messages: string[] = []
    const files = {
      certificate: path('expired.pem'),
      key: path('expired.key'),
      clientCas: [],
      requireClientCertificate: false,
    }
    new Certificates(files, new Log('info', (line) => messages.push(line)))[Symbol.dispose]()
    assert.match(messages.join(), /expired.pem expired: clients refuse it since Feb {2}1 .* 2020/)
    const port = await freePort()
    const addresses = [{ kind: 'tcp', host: '127.0.0.1', port }] as const
    const test = await TestServer.start({ addresses, tls: files })
    assert.equal(await ask(`127.0.0.1:${port}`, 'expired'), unavailable)
    await test.stop()
  })

  it('says which file is wrong', async () => {
    const tls = (certificate: string, key: string) => ({
      certificate: path(certificate),
      key: path(key),
      clientCas: [],
      requireClientCertificate: false,
    })
    const log = new Log()
    assert.throws(() => new Certificates(tls('none.pem', 'server.key'), log), {
      code: 'AGENT_SERVER',
      message: /read .*none.pem: ENOENT/,
    })
    assert.throws(() => new Certificates(tls('server.pem', 'client.key'), log), {
      code: 'AGENT_SERVER',
      message: /use certificates .*server.pem, .*client.key: .*mismatch/i,
    })
  })
})
