import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { runOrThrow } from '@tetragon-ts/test/archives'
import { AgentInConsole } from './agent-in-console.ts'
import { UserProxy } from './user-proxy.ts'

const folder = mkdtempSync(join(tmpdir(), 'console-listen-'))
after(() => rmSync(folder, { recursive: true }))

/** Runs a program, and waits until its event is shown. */
async function seesEvents(own: AgentInConsole, name: string): Promise<void> {
  await own.filter(name)
  own.run(name)
  assert.match(await own.console.row(`${name} --one`), /🚀 process/u)
}

describe('a console', () => {
  it('is served by TLS, with a cookie that plain HTTP never has', async () => {
    const [certificate, key] = [join(folder, 'tls.crt'), join(folder, 'tls.key')]
    const names = ['-subj', '/CN=console', '-addext', 'subjectAltName=IP:127.0.0.1']
    const files = ['-keyout', key, '-out', certificate]
    await runOrThrow('openssl', [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      ...files,
      ...names,
    ])
    const tls = ['--listen-tls-cert-file', certificate, '--listen-tls-key-file', key]
    await using own = await AgentInConsole.start(...tls)
    assert.match(own.page.url(), /^https:\/\/127\.0\.0\.1:\d+\//)
    await seesEvents(own, 'seen-by-tls')
    const [cookie, ...others] = await own.page.context().cookies()
    assert.match(cookie.name, /^__Host-tetra-console-/)
    assert.deepEqual([cookie.secure, cookie.httpOnly, cookie.sameSite], [true, true, 'Strict'])
    assert.deepEqual(others, [])
    assert.deepEqual(own.console.problems, [])
  })

  it('is served on a socket of its user, behind a proxy', async () => {
    const socket = join(folder, 'socket')
    await using proxy = await UserProxy.start(socket)
    const listen = ['--listen', `unix://${socket}`, '--public-url', proxy.url]
    await using own = await AgentInConsole.start(...listen)
    assert.equal(statSync(socket).mode & 0o777, 0o600)
    assert.ok(own.page.url().startsWith(`${proxy.url}/`))
    await seesEvents(own, 'seen-by-socket')
    assert.deepEqual(own.console.problems, [])
  })
})
