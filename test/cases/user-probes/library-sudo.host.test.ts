import assert from 'node:assert/strict'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { PolicyRun } from '@tetragon-ts/agent/testing'
import { textsOf, withLibrary } from './library.ts'

/** The rules of the test, without those of the machine in /etc/sudoers.d. */
const sudoers =
  'Defaults !lecture, passwd_tries=1, timestamp_timeout=0\nnobody ALL=(root) /usr/bin/id\n'

/** Debian's sudo, with settings of the test in a mount namespace. */
describe('policies for sudo', () => {
  let run: PolicyRun
  before(async () => {
    run = await PolicyRun.start()
    const file = join(run.folder, 'sudoers')
    writeFileSync(file, sudoers)
    chmodSync(file, 0o440)
  })
  after(() => run?.stop())

  /**
   * The events when the user `nobody` runs a command by sudo.
   * @param module the PAM module that accepts or rejects the authentication
   */
  async function sudo(module: string, command: string) {
    const service = join(run.folder, module)
    const lines = ['auth', 'account', 'session'].map((kind) => {
      return `${kind} required ${kind === 'auth' ? module : 'pam_permit.so'}\n`
    })
    writeFileSync(service, lines.join(''))
    const script = [
      `mount --bind ${service} /etc/pam.d/sudo`,
      `mount --bind ${join(run.folder, 'sudoers')} /etc/sudoers`,
      `exec setpriv --reuid=nobody --regid=nogroup --clear-groups sudo -S ${command}`,
    ]
    return withLibrary(run, ['sudo.yaml', 'authentication.yaml'], async () => {
      const started = run.spawn('unshare', ['--mount', 'sh', '-ec', script.join('\n')])
      started.child.stdin?.end()
      const events = await run.finish(started)
      const of = (name: string) => events.filter(({ policy }) => policy === name).map(textsOf)
      // Machines may not know their own name.
      const log = of('sudo').filter(([, , text = '']) => !text.startsWith('unable to resolve host'))
      return { status: await started.ended, log, steps: of('authentication') }
    })
  }

  it('show a command that is run', async () => {
    const { status, log, steps } = await sudo('pam_permit.so', '/usr/bin/id -u')
    assert.equal(status, 0)
    const [authenticated, [symbol, user, text]] = log
    assert.deepEqual(authenticated, ['pam_authenticate', '0'])
    assert.deepEqual([symbol, user], ['__syslog_chk', 'nobody'])
    assert.match(text, /PWD=.* ; USER=root ; COMMAND=\/usr\/bin\/id -u$/)
    assert.deepEqual(steps[0], ['pam_start', 'sudo', 'nobody'])
  })

  it('show a command that is refused', async () => {
    const { status, log } = await sudo('pam_permit.so', '/usr/bin/true')
    assert.equal(status, 1)
    const entries = log.filter(([symbol]) => symbol === '__syslog_chk')
    assert.deepEqual(entries.length, 1)
    assert.match(entries[0][2], /^command not allowed ; .* COMMAND=\/usr\/bin\/true$/)
  })

  it('show an authentication that fails', async () => {
    const { status, log } = await sudo('pam_deny.so', '/usr/bin/id')
    assert.equal(status, 1)
    // PAM_AUTH_ERR in security/_pam_types.h
    assert.deepEqual(log[0], ['pam_authenticate', '7'])
    assert.match(log[1][2], /^1 incorrect password attempt ; .* COMMAND=\/usr\/bin\/id$/)
  })
})
