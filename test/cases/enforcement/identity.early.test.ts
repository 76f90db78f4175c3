import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { copyFileSync, linkSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { PolicyError } from '@tetragon-ts/agent'
import { probe } from '@tetragon-ts/ebpf/features'
import { Attacked, attempts, type Operation, policy, refuse } from './attack.ts'

/** The strongest means here: its name, the option that permits it, and the action. */
function strongest(): readonly [name: string, options: string, action: string] {
  if (probe('lsm').answer === 'yes') return ['lsm', '', refuse]
  const method = 'options: [{name: override-method, value: fmod-ret}]'
  if (probe('fmod_ret').answer === 'yes') return ['fmod_ret', method, refuse]
  return ['signal', '', '{action: Sigkill}']
}
const [means, options, action] = strongest()

function forbid(
  call: string,
  type: string,
  values: readonly string[],
  { operator = 'Equal', binaries = '' } = {},
): string {
  return policy(
    'identity',
    `${options}
kprobes:
- call: ${call}
  syscall: false
  args: [{index: 0, type: ${type}}]
  selectors:
  - matchArgs: [{index: 0, operator: ${operator}, values: ${JSON.stringify(values)}}]
    matchActions: [${action}]${binaries && `\n    matchBinaries: [${binaries}]`}`,
  )
}
/** Attempts of each attack. */
const count = Math.min(attempts, 40)
const open = (...values: string[]): string => forbid('security_file_open', 'file', values)

// A path is one name of a file, and another file can get the name. Here the file is protected.
describe(`files protected by identity (${means})`, () => {
  let attacked: Attacked
  before(async () => {
    attacked = await Attacked.start()
  })
  after(() => attacked?.run.stop())
  const own = (name: string): string => join(attacked.run.folder, name)

  /** Every attempt is refused, or killed before it has the data. */
  async function prevents(operation: Operation, path: string): Promise<void> {
    const { tally, events } = await attacked.attack(operation, 'child', path, { count })
    assert.equal(tally.effects, 0, `${operation} ${path}: ${JSON.stringify(tally)}`)
    assert.ok(events.length > 0)
  }
  async function allows(operation: Operation, path: string): Promise<void> {
    const { tally } = await attacked.attack(operation, 'child', path, { count })
    assert.equal(tally.effects, count)
  }

  it('hold for all names and ways to open, and for no other file', async () => {
    linkSync(attacked.file, own('hard'))
    symlinkSync(attacked.file, own('symbolic'))
    writeFileSync(own('other'), 'o')
    const paths = [attacked.file, own('hard'), own('symbolic'), `/proc/self/root${own('hard')}`]
    for (const path of paths) await allows('open', path)
    await attacked.under(open(`inode:${attacked.file}`), async (loaded) => {
      for (const path of paths) await prevents('open', path)
      for (const operation of ['openat2', 'path-fd', 'handle', 'write'] as const) {
        await prevents(operation, own('hard'))
      }
      await allows('open', own('other'))
      const [counts] = loaded.counts(loaded.compiled.document.policy.hooks[0])
      assert.equal(counts.post, count * (paths.length + 4))
    })
    for (const path of paths) await allows('open', path)
  })

  it('hold for other mounts of the file system', async () => {
    mkdirSync(own('bound'))
    execFileSync('mount', ['--bind', attacked.run.folder, own('bound')])
    try {
      await allows('open', own('bound/secret'))
      await attacked.under(open(`inode:${attacked.file}`), () =>
        prevents('open', own('bound/secret')),
      )
    } finally {
      execFileSync('umount', [own('bound')])
    }
  })

  it('hold below an overlay, which opens the file itself', async (t) => {
    for (const name of ['lower', 'upper', 'work', 'merged']) mkdirSync(own(name))
    linkSync(attacked.file, own('lower/secret'))
    const layers = `lowerdir=${own('lower')},upperdir=${own('upper')},workdir=${own('work')}`
    try {
      execFileSync('mount', ['-t', 'overlay', 'overlay', '-o', layers, own('merged')], {
        stdio: 'pipe',
      })
    } catch (error) {
      return t.skip(`no overlay: ${(error as Error).message.trim().split('\n').at(-1)}`)
    }
    try {
      if (means === 'signal')
        return t.skip('seen in fd_install, which gets the file of the overlay')
      await allows('open', own('merged/secret'))
      await attacked.under(open(`inode:${attacked.file}`), () =>
        prevents('open', own('merged/secret')),
      )
    } finally {
      execFileSync('umount', [own('merged')])
    }
  })

  it('follow the file when it is renamed, and the path when it gets another file', async () => {
    writeFileSync(own('key'), 'k')
    await attacked.under(open(own('key'), `inode:${own('key')}`), async () => {
      renameSync(own('key'), own('moved'))
      await prevents('open', own('moved'))
      writeFileSync(own('key'), 'k')
      linkSync(own('key'), own('key of another name'))
      // By its path immediately, by its identity after the next check.
      await prevents('open', own('key'))
      for (let tries = 0; ; tries++) {
        const other = own('key of another name')
        const { tally } = await attacked.attack('open', 'child', other, { count })
        if (tally.effects === 0) break
        assert.ok(tries < 300, 'the new file stays unprotected')
        await sleep(100)
      }
      await prevents('open', own('moved'))
    })
  })

  it('hold for programs', async () => {
    linkSync(attacked.program, own('program of another name'))
    await allows('exec', own('program of another name'))
    const text = forbid('security_bprm_check', 'linux_binprm', [`inode:${attacked.program}`])
    await attacked.under(text, () => prevents('exec', own('program of another name')))
  })

  it('can be the only ones that are allowed', async () => {
    linkSync(attacked.program, own('still allowed'))
    copyFileSync(attacked.program, own('forbidden'))
    const program = attacked.copy('attacker')
    const values = [`inode:${attacked.program}`]
    const binaries = `{operator: In, values: ["${program}"]}`
    const only = { operator: 'NotEqual', binaries }
    const text = forbid('security_bprm_check', 'linux_binprm', values, only)
    await attacked.under(text, async () => {
      const run = async (path: string) =>
        (await attacked.attack('exec', 'child', path, { program, count })).tally.effects
      assert.equal(await run(own('still allowed')), count)
      assert.equal(await run(own('forbidden')), 0)
    })
  })

  it('must exist when the policy is loaded, without links on the way', async () => {
    symlinkSync(attacked.file, own('link to it'))
    symlinkSync(attacked.run.folder, own('link to the folder'))
    const isLink = 'is a link: name its target'
    for (const [name, why] of [
      ['missing', /^cannot hold the file at .*missing: ENOENT/],
      ['link to it', new RegExp(`^cannot hold the file at .*link to it: it ${isLink}$`)],
      ['link to the folder/secret', new RegExp(`secret: .*link to the folder ${isLink}$`)],
    ] as const) {
      await assert.rejects(
        attacked.run.load(open('/etc/shadow', `inode:${own(name)}`)),
        (error) => {
          assert.ok(error instanceof PolicyError)
          const [{ code, message, path }] = error.diagnostics
          assert.equal(code, 'POLICY_FILE')
          assert.match(message, why)
          assert.equal(path, 'spec.kprobes[0].selectors[0].matchArgs[0].values[1]')
          return true
        },
      )
    }
    // The type is known only when the policy is loaded.
    const automatic = policy(
      'automatic',
      `
tracepoints:
- subsystem: sched
  event: sched_process_exec
  raw: true
  args: [{index: 2, type: auto}]
  selectors:
  - matchArgs: [{index: 0, operator: Equal, values: ["inode:${own('missing')}"]}]`,
    )
    await assert.rejects(attacked.run.load(automatic), /cannot hold the file at .*missing: ENOENT/)
  })

  it('are not for policies of a namespace, whose pods have other files', async () => {
    const text = open(`inode:${attacked.file}`)
      .replace('kind: TracingPolicy', 'kind: TracingPolicyNamespaced')
      .replace('{name: identity}', '{name: identity, namespace: default}')
    await assert.rejects(attacked.run.load(text), /inode: names files of the host/)
  })
})
