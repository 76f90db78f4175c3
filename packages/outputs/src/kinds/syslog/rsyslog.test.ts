import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, describe, it } from 'node:test'
import { freePort } from '@tetragon-ts/service/listen/testing'
import { makeCertificate } from '../../testing/certificates.ts'
import { Changes } from '../../testing/changes.ts'
import { alertLine } from '../../testing/lines.ts'
import { numbersOf, range, TestOutput } from '../../testing/test-outputs.ts'
import { until } from '../../testing/until.ts'

// Starts Debian's rsyslogd once, which takes a fraction of a second.

const program = '/usr/sbin/rsyslogd'
const skip = spawnSync(program, ['-v']).status === 0 ? false : 'rsyslog is not installed'

describe('an output to rsyslog', { skip }, () => {
  let folder: string
  let daemon: ChildProcess
  let reader: ChildProcess
  const changes = new Changes()
  const lines: string[] = []
  const ports = { udp: 0, tcp: 0, tls: 0 }

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'rsyslog-'))
    const fifo = join(folder, 'out')
    spawnSync('mkfifo', [fifo])
    const { certificate, key } = makeCertificate(folder)
    for (const name of ['udp', 'tcp', 'tls'] as const) ports[name] = await freePort()
    const gtls = 'StreamDriver.Name="gtls" StreamDriver.Mode="1" StreamDriver.AuthMode="anon"'
    const configuration = [
      `global(workDirectory="${folder}" maxMessageSize="64k" defaultNetstreamDriverCAFile="${certificate}"`,
      `defaultNetstreamDriverCertFile="${certificate}" defaultNetstreamDriverKeyFile="${key}")`,
      'module(load="imudp") module(load="imtcp") module(load="builtin:ompipe")',
      `input(type="imudp" address="127.0.0.1" port="${ports.udp}")`,
      `input(type="imtcp" address="127.0.0.1" port="${ports.tcp}")`,
      `input(type="imtcp" address="127.0.0.1" port="${ports.tls}" ${gtls})`,
      'template(name="all" type="string" string="%syslogfacility-text%.%syslogseverity-text%',
      ' %timestamp:::date-rfc3339% %hostname% %app-name% %msgid% %structured-data% %msg%\\n")',
      `action(type="ompipe" pipe="${fifo}" template="all")`,
      '',
    ]
    const path = join(folder, 'rsyslog.conf')
    writeFileSync(path, configuration.join('\n').replace('text%\n', 'text%'))
    reader = spawn('cat', [fifo], { stdio: ['ignore', 'pipe', 'inherit'] })
    createInterface({ input: reader.stdout as NonNullable<typeof reader.stdout> }).on(
      'line',
      (line) => {
        if (line.includes(' tetragon ')) lines.push(line)
        changes.note()
      },
    )
    daemon = spawn(program, ['-n', '-f', path, '-i', join(folder, 'pid')], { stdio: 'inherit' })
  })
  after(async () => {
    daemon.kill()
    await once(daemon, 'exit')
    reader.kill()
    rmSync(folder, { recursive: true, force: true })
  })

  // Over TCP first: attempts to connect are repeated until it listens.
  for (const transport of ['tcp', 'tls', 'udp'] as const) {
    it(`sends events over ${transport}`, async () => {
      lines.length = 0
      const ca = transport === 'tls' ? `?ca-file=${folder}/server.pem` : ''
      const address = `syslog+${transport}://127.0.0.1:${ports[transport]}`
      const output = await TestOutput.open(`${address}${ca}`)
      output.addExecs(1, 50)
      output.add(alertLine('critical', 'é'))
      await changes.until(() => lines.length === 51)
      await output.finish()
      const [first] = lines
      const head = 'local0.info 2026-01-02T03:04:05.123456Z node-1 tetragon process_exec -'
      assert.equal(first.slice(0, first.indexOf(' {')), head)
      const json = lines.map((line) => line.slice(line.indexOf('{')))
      assert.deepEqual(numbersOf(json.slice(0, 50)), range(1, 50))
      assert.match(lines[50], /^local0\.crit /)
      assert.deepEqual(JSON.parse(json[50]), JSON.parse(alertLine('critical', 'é').toString()))
      assert.equal(output.status.sent, 51)
    })
  }

  it('sends nothing to a server whose certificate is not trusted', async () => {
    lines.length = 0
    const output = await TestOutput.open(`syslog+tls://localhost:${ports.tls}`)
    output.addExecs(1, 1)
    await until(() => output.warnings.length > 0)
    await output.finish()
    assert.match(output.warnings[0], /self-signed certificate/)
    assert.deepEqual([output.status.sent, lines.length], [0, 0])
  })
})
