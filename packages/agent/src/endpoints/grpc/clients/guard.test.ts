import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { credentials, status } from '@grpc/grpc-js'
import { codecOf, FineGuidanceSensors, serviceDefinition } from '@tetragon-ts/api'
import { freePort } from '@tetragon-ts/service/listen/testing'
import { framed } from '../../../reader/outputs/framing.ts'
import { TestClient } from '../../../testing/test-client.ts'
import { until } from '../../../testing/until.ts'
import { RawClient } from '../testing/raw-client.ts'
import { TestServer } from '../testing/test-server.ts'
import { parseClientPattern } from './client-pattern.ts'
import { rightOf } from './rights.ts'

const roles = (read: string, change: string) => ({
  read: read.split(',').map(parseClientPattern),
  change: change.split(',').map(parseClientPattern),
})

const { PERMISSION_DENIED: denied, OK: ok, NOT_FOUND: notFound } = status
const { DeleteTracingPolicy, RuntimeHook } = serviceDefinition(FineGuidanceSensors)
const createContainer = { containerID: 'a'.repeat(64), podNamespace: 'default', podName: 'xwing' }
/** Requests of procedures; others have none. */
const requests: Readonly<Record<string, Uint8Array>> = {
  DeleteTracingPolicy: DeleteTracingPolicy.requestSerialize({ name: 'x' }),
  RuntimeHook: RuntimeHook.requestSerialize({ createContainer }),
}
const audits = (test: TestServer) => test.host.messages.filter((line) => line.includes('audit:'))

/** The status of a call, or of the start of a stream. */
async function statusOf(call: Promise<unknown>): Promise<number> {
  try {
    await call
    return ok
  } catch (error) {
    return (error as { code: number }).code
  }
}

it('every procedure requires a right', () => {
  for (const { path } of Object.values(serviceDefinition(FineGuidanceSensors)))
    assert.ok(rightOf(path), path)
  assert.equal(rightOf('/tetragon.FineGuidanceSensors/Other'), undefined)
})

describe('clients of the Unix socket', () => {
  const skip = process.getuid?.() === 0 ? false : 'only root can become another user (getuid)'

  /** A call of a process with other credentials. */
  async function callAs(uid: number, groups: readonly number[], path: string, procedure: string) {
    const message = Buffer.from(requests[procedure] ?? [])
    const body = framed(message).toString('base64')
    const script = `
      const { connect } = require('node:http2')
      process.setgroups(${JSON.stringify(groups)})
      process.setgid(${uid})
      process.setuid(${uid})
      const session = connect('http://localhost', {
        createConnection: () => require('node:net').connect(${JSON.stringify(path)}),
      })
      session.on('error', (error) => { console.log(error.code); process.exit() })
      const stream = session.request({ ':method': 'POST', te: 'trailers',
        ':path': '/tetragon.FineGuidanceSensors/${procedure}', 'content-type': 'application/grpc' })
      const show = (found) => {
        if (found['grpc-status'] === undefined && '${procedure}' !== 'GetEvents') return
        console.log(found['grpc-status'] ?? 0, decodeURI(found['grpc-message'] ?? ''))
        process.exit()
      }
      stream.on('response', show).on('trailers', show).resume()
      stream.end(Buffer.from('${body}', 'base64'))`
    const run = promisify(execFile)
    const { stdout, stderr } = await run(process.execPath, ['-e', script], { cwd: '/' })
    return stdout.trim() + stderr
  }

  it('have the rights of their user and groups', { skip }, async () => {
    const test = await TestServer.start({ roles: roles('gid=4000', 'uid=0,gid=4001') })
    // As an administrator who opens the socket: the kernel no longer refuses the connection.
    chmodSync(test.folder, 0o755)
    chmodSync(test.path, 0o666)
    const call = (...groups: number[]) => callAs(4242, groups, test.path, 'DeleteTracingPolicy')
    const hint =
      'may not change policies and settings; add it to --server-change-clients of the agent'
    for (const groups of [[], [4000], [0]]) {
      const answer = await call(...groups)
      assert.match(answer, /^7 DeleteTracingPolicy: uid 4242 \(process \d+\) may not/)
      assert.ok(answer.endsWith(hint), answer)
    }
    assert.match(await call(4000, 4001), /^5 /)
    const many = Array.from({ length: 100 }, (_, i) => 5000 + i)
    assert.match(await call(...many, 4001), /^5 /)
    assert.match(
      await callAs(4242, [], test.path, 'GetEvents'),
      /^7 GetEvents: .*--server-read-clients/,
    )
    assert.match(await callAs(4242, [4000], test.path, 'GetEvents'), /^0/)
    assert.match(await callAs(4242, [], test.path, 'GetVersion'), /^0/)
    assert.equal(await statusOf(test.client.call('DeleteTracingPolicy', { name: 'x' })), notFound)
    const lines = audits(test)
    assert.match(lines[0], /DeleteTracingPolicy name="x" by uid 4242 /)
    const reasons = lines.map((line) =>
      /by uid (\d+) .*(refused|failed)/.exec(line)?.slice(1).join(),
    )
    const [refused, failed] = ['4242,refused', '4242,failed']
    assert.deepEqual(reasons, [refused, refused, refused, failed, failed, refused, '0,failed'])
    await test.stop()
  })

  it('see no receivers in the health without the right to read', async () => {
    for (const [readers, length] of [
      ['socket', 2],
      ['anonymous', 1],
    ] as const) {
      const test = await TestServer.start({ roles: roles(readers, 'anonymous') })
      test.host.outputStatuses = [
        {
          ...{ name: 'siem', address: 'syslog+tcp://logs:601/', guarantee: 'at most once' },
          ...{ failure: undefined, storeFailure: undefined, refusal: undefined },
          ...{ sent: 1, refused: 0, retried: 0, lost: [0, 0, 0] },
          ...{ queued: 0, queuedBytes: 0, lag: 0 },
        },
      ]
      const answer = (await test.client.call('GetHealth')) as { health_status: object[] }
      assert.equal(answer.health_status.length, length)
      await test.stop()
    }
  })

  it('leave an audit line for a report of a container unless they are root', { skip }, async () => {
    const test = await TestServer.start({ roles: roles('socket', 'uid=0,uid=4242') })
    chmodSync(test.folder, 0o755)
    chmodSync(test.path, 0o666)
    for (const uid of [0, 4242, 4243]) {
      const answer = await callAs(uid, [], test.path, 'RuntimeHook')
      assert.match(answer, uid === 4243 ? /^7 / : /^0/)
    }
    assert.equal(test.host.created.length, 2)
    const [made, refused, ...others] = audits(test)
    assert.match(
      made,
      /RuntimeHook container="a{64}" namespace="default" pod="xwing" by uid 4242 .*done$/m,
    )
    assert.match(refused, /RuntimeHook by uid 4243 .*refused/)
    assert.deepEqual(others, [])
    await test.stop()
  })

  it('leave an audit line even if they leave before the change ends', async () => {
    const test = await TestServer.start()
    const raw = new RawClient(test.path)
    let finish = (): void => {}
    const changing = new Promise<void>((begun) => {
      test.host.loader.before = () => {
        begun()
        return new Promise((resolve) => {
          finish = resolve
        })
      }
    })
    const answer = raw.call('/tetragon.FineGuidanceSensors/AddTracingPolicy', added)
    await changing
    raw.close()
    assert.equal((await answer).code, undefined)
    finish()
    await until('the audit line', () => audits(test).length > 0)
    assert.match(
      audits(test)[0],
      /AddTracingPolicy sha256="\w+" name="left" .* by uid \d+ .*done$/m,
    )
    await test.stop()
  })
})
const { request: AddRequest } = FineGuidanceSensors.rpcs.AddTracingPolicy
const yaml = `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: { name: left }
spec: { kprobes: [{ call: f, syscall: false }] }
`
const added = codecOf(AddRequest).encode({ yaml })

const hasOpenssl = spawnSync('openssl', ['version']).status === 0

describe('clients over TCP', { skip: hasOpenssl ? false : 'openssl is not installed' }, () => {
  let folder: string
  const path = (name: string) => join(folder, name)
  const read = (name: string) => readFileSync(path(name))

  /** A key and a certificate that is its own authority. */
  function makeCertificate(name: string, subject: string): void {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
    const names = ['-subj', subject, '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2']
    const files = ['-keyout', `${name}.key`, '-out', `${name}.pem`]
    const args = ['req', '-x509', ...key, ...names, ...files]
    const { status, stderr } = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' })
    assert.equal(status, 0, stderr)
  }

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'roles-'))
    makeCertificate('server', '/CN=server')
    makeCertificate('ops', '/CN=ops')
    makeCertificate('team', '/CN=other/O=first/O=ops-team')
    makeCertificate('reader', '/CN=reader/O=ops')
    makeCertificate('two', '/CN=reader/CN=ops')
    makeCertificate('forged', '/CN=ops')
  })
  after(() => rmSync(folder, { recursive: true }))

  it('have the rights of their certificate', async () => {
    const port = await freePort()
    const test = await TestServer.start({
      addresses: [{ kind: 'tcp', host: '127.0.0.1', port }],
      roles: roles('cn=reader,o=first', 'cn=ops,o=ops-team'),
      tls: {
        certificate: path('server.pem'),
        key: path('server.key'),
        clientCas: ['ops', 'team', 'reader', 'two'].map((name) => path(`${name}.pem`)),
        requireClientCertificate: false,
      },
    })
    const rights = async (own?: string) => {
      const pair = own ? [read(`${own}.key`), read(`${own}.pem`)] : []
      const channel = credentials.createSsl(read('server.pem'), ...pair)
      const client = new TestClient(`127.0.0.1:${port}`, channel)
      const change = await statusOf(client.call('DeleteTracingPolicy', { name: 'x' }))
      const list = await statusOf(client.call('ListTracingPolicies'))
      const stream = await statusOf(client.events())
      client.close()
      return [change, list, stream]
    }
    assert.deepEqual(await rights('ops'), [notFound, ok, ok])
    assert.deepEqual(await rights('team'), [notFound, ok, ok])
    assert.deepEqual(await rights('reader'), [denied, ok, ok])
    // A name beside another one, one that no authority has signed, and none.
    for (const own of ['two', 'forged', undefined])
      assert.deepEqual(await rights(own), [denied, denied, denied], own)
    assert.match(audits(test)[0], /DeleteTracingPolicy name="x" by certificate cn="ops" \(127/)
    await test.stop()
  })

  it('can only read without TLS, and are refused with the reason', async () => {
    const port = await freePort()
    const addresses = [{ kind: 'tcp', host: '127.0.0.1', port }] as const
    const test = await TestServer.start({ addresses, allowPlaintext: true })
    const client = new TestClient(`127.0.0.1:${port}`)
    assert.equal(await statusOf(client.call('ListTracingPolicies')), ok)
    await assert.rejects(client.call('SetDebug', { level: 'LOG_LEVEL_PANIC' }), {
      code: denied,
      details:
        /client without a certificate .* use a client certificate or the Unix socket, or add it to --server-change-clients/,
    })
    assert.match(test.host.messages.join('\n'), /all users of this machine can read events at/)
    client.close()
    await test.stop()
  })
})
