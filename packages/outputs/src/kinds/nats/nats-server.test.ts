import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { freePort } from '@tetragon-ts/service/listen/testing'
import { makeCertificate } from '../../testing/certificates.ts'
import { numbersOf, range, TestOutput } from '../../testing/test-outputs.ts'
import { until } from '../../testing/until.ts'
import { NatsSession } from './nats-session.ts'
import { Nkey } from './nkey.ts'
import { testSeed } from './testing/test-seed.ts'

// Starts Debian's nats-server three times, each in a fraction of a second.

const program = '/usr/sbin/nats-server'
const isInstalled = spawnSync(program, ['-v']).status === 0
const skip = isInstalled ? false : `${program} is missing: apt-get install nats-server`
if (skip) console.error(`an output to nats-server is not tested: ${skip}`)
const never = new AbortController().signal

describe('an output to nats-server', { skip }, () => {
  let folder: string
  let server: ChildProcess
  let port: number

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'nats-'))
    port = await freePort()
    writeFileSync(join(folder, 'seed'), `${testSeed}\n`)
    writeFileSync(join(folder, 'password'), 'secret\n')
    writeFileSync(join(folder, 'token'), 'secret\n')
    const nkey = new Nkey(testSeed).publicKey
    configure(
      `authorization { users = [{ user: "agent", password: "secret" }, { nkey: ${nkey} }] }`,
    )
    start()
    await listening()
  })
  after(async () => {
    await stop()
    rmSync(folder, { recursive: true, force: true })
  })

  function configure(more: string): void {
    const store = `jetstream { store_dir: "${folder}", max_file: 64M }`
    writeFileSync(join(folder, 'nats.conf'), `listen: 127.0.0.1:${port}\n${store}\n${more}\n`)
  }
  function start(): void {
    server = spawn(program, ['-c', join(folder, 'nats.conf')], { stdio: 'ignore' })
  }
  async function listening(): Promise<void> {
    for (let isOpen = false; !isOpen; ) {
      const socket = connect(port, '127.0.0.1')
      isOpen = await once(socket, 'connect').then(
        () => true,
        () => false,
      )
      socket.destroy()
    }
  }
  async function stop(): Promise<void> {
    const ended = once(server, 'exit')
    if (server.exitCode === null && server.signalCode === null) {
      server.kill('SIGKILL')
      await ended
    }
  }

  const login = () => `&user=agent&password-file=${folder}/password`
  const open = (parameters: string, scheme = 'nats') => {
    const stream = 'subject=tetragon.events&stream=EVENTS&create-stream=16M'
    return TestOutput.open(`${scheme}://localhost:${port}?${stream}${parameters}`, folder)
  }

  /** The messages of the stream. */
  async function stored(): Promise<string[]> {
    const session = await NatsSession.open(
      {
        ...{ host: '127.0.0.1', port, tls: undefined, name: 'test', version: '1' },
        login: () => ({ user: 'agent', pass: 'secret' }),
      },
      never,
    )
    const request = async (api: string, body = '') => {
      const payload = Buffer.from(body)
      const subject = `$JS.API.STREAM.${api}.EVENTS`
      return JSON.parse((await session.publish([{ subject, headers: '', payload }], never))[0].text)
    }
    const { state } = await request('INFO')
    const messages: string[] = []
    for (const seq of range(state.first_seq, state.last_seq)) {
      const { message } = await request('MSG.GET', JSON.stringify({ seq }))
      messages.push(Buffer.from(message.data, 'base64').toString())
    }
    session.close()
    return messages
  }

  it('creates the stream, and sends in order', async () => {
    const output = await open(login())
    output.addExecs(1, 2000)
    await output.finish()
    assert.deepEqual([output.status.sent, output.status.failure], [2000, undefined])
    assert.deepEqual(numbersOf(await stored()), range(1, 2000))
  })

  it('logs in with an NKey, and finds the stream again', async () => {
    const output = await open(`&nkey-file=${folder}/seed`)
    output.addExecs(2001, 2010)
    await output.finish()
    assert.equal(output.status.sent, 10)
  })

  it('sends everything once to a server that dies', async () => {
    const output = await open(`${login()}&spool=16M`)
    output.addExecs(2011, 2500)
    await stop()
    start()
    output.addExecs(2501, 3000)
    await until(() => output.status.sent >= 990)
    await output.finish()
    const numbers = numbersOf(await stored())
    assert.deepEqual(new Set(numbers), new Set(range(1, 3000)))
    // The stream drops what it has already.
    assert.equal(numbers.length, 3000)
    assert.equal(output.status.guarantee, 'at least once')
  })

  it('says why the server does not accept it', async () => {
    const cases = [
      ['', /Authorization Violation/],
      [`&stream=NONE${login()}`, /no stream has the subject/],
    ] as const
    for (const [parameters, message] of cases) {
      const address = `nats://localhost:${port}?subject=none${parameters}`
      const output = await TestOutput.open(address)
      output.addExecs(1, 1)
      await until(() => output.warnings.length > 0)
      await output.finish(0)
      assert.match(output.warnings[0], message)
    }
  })

  it('uses TLS, and only with a certificate that is trusted', async () => {
    await stop()
    const { certificate, key } = makeCertificate(folder)
    configure(`tls { cert_file: "${certificate}", key_file: "${key}" }
      authorization { token: "secret" }`)
    start()
    const token = `&token-file=${folder}/token`
    const output = await open(`${token}&ca-file=${certificate}`, 'nats+tls')
    output.addExecs(3001, 3010)
    await until(() => output.status.sent >= 10)
    await output.finish()
    for (const [scheme, message] of [
      ['nats+tls', /self-signed certificate/],
      ['nats', /requires TLS: use nats\+tls/],
    ] as const) {
      const refused = await open(token, scheme)
      refused.addExecs(1, 1)
      await until(() => refused.warnings.length > 0)
      await refused.finish(0)
      assert.match(refused.warnings[0], message)
      assert.equal(refused.status.sent, 0)
    }
  })
})
