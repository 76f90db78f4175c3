import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Server } from 'node:tls'
import { type HookEvent, PolicyRun } from '@tetragon-ts/agent/testing'
import { bytesOf, textsOf, withLibrary } from './library.ts'
import { startTlsServer } from './tls-server.ts'

describe('policies for programs of user space', () => {
  let run: PolicyRun
  let server: Server
  let port: number
  before(async () => {
    run = await PolicyRun.start()
    ;({ server, port } = await startTlsServer(run.folder))
  })
  after(async () => {
    server?.close()
    await run?.stop()
  })

  /** The events of a shell script under a policy of the library. */
  async function eventsOf(name: string, script: string): Promise<readonly HookEvent[]> {
    return withLibrary(run, [name], () => {
      const started = run.spawn('sh', ['-c', script])
      started.child.stdin?.end()
      return run.finish(started)
    })
  }

  it('show the text of TLS with OpenSSL', async () => {
    const url = `https://127.0.0.1:${port}/question`
    const data = bytesOf(await eventsOf('tls-openssl.yaml', `curl -sk --http1.0 ${url}`))
    assert.ok(data.some((text) => text.startsWith('SSL_write GET /question HTTP/1.0\r\n')))
    assert.ok(data.some((text) => text.startsWith('SSL_read HTTP/1.0 200 OK\r\n')))
    assert.match(data.join(''), /secret answer/)
  })

  it('show the text of TLS with GnuTLS', async () => {
    const command = `wget -qO- --no-check-certificate https://127.0.0.1:${port}/question`
    const data = bytesOf(await eventsOf('tls-gnutls.yaml', command))
    assert.match(data.join('\n'), /gnutls_record_send GET \/question HTTP\/1\.1/)
    assert.match(data.join('\n'), /gnutls_record_recv [\s\S]*secret answer/)
  })

  it('show the names of TLS servers', async () => {
    const to = `--resolve known.example:${port}:127.0.0.1 https://known.example:${port}/`
    const script = `curl -sk ${to}\nwget -qO- --no-check-certificate https://localhost:${port}/`
    const events = await eventsOf('tls-server-names.yaml', script)
    const names = events.map(({ args }) => {
      const [{ bytes_arg = '' }, second] = [args[0], args[1]]
      return second?.string_arg ?? Buffer.from(bytes_arg, 'base64').toString()
    })
    assert.deepEqual(names, ['known.example', 'localhost'])
  })

  it('show lines that are typed into a shell', async () => {
    const typed = `printf 'echo typed line\\nexit\\n' | script -qec 'bash --norc -i' /dev/null`
    const events = await eventsOf('shell-input.yaml', typed)
    assert.deepEqual(
      events.map(({ args: [{ string_arg }] }) => string_arg),
      ['echo typed line', 'exit'],
    )
  })

  it('show names that are looked up', async () => {
    const script = 'getent ahosts localhost; getent hosts localhost'
    const events = await eventsOf('name-lookups.yaml', script)
    const lookups = events.map(({ body, args: [{ string_arg }] }) => `${body.symbol} ${string_arg}`)
    assert.equal(lookups[0], 'getaddrinfo localhost')
    assert.match(lookups[1], /^gethostbyname2? localhost$/)
  })

  it('show what Python imports and audits', async () => {
    const script = 'import colorsys, subprocess; subprocess.run(["true"])'
    const events = await eventsOf('python.yaml', `/usr/bin/python3 -E -c '${script}'`)
    const shown = events.map(({ body, args: [{ string_arg }] }) => `${body.name} ${string_arg}`)
    assert.ok(shown.includes('import__find__load__start colorsys'))
    assert.ok(shown.includes('audit subprocess.Popen'))
  })

  it('show authentications', async () => {
    const events = await eventsOf('authentication.yaml', 'su nobody -s /bin/true')
    assert.deepEqual(events.map(textsOf).slice(0, 3), [
      ['pam_start', 'su', 'nobody'],
      ['pam_authenticate', '0'],
      ['pam_acct_mgmt', '0'],
    ])
  })
})
