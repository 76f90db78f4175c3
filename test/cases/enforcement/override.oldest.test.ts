import assert from 'node:assert/strict'
import { linkSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { PolicyError } from '@tetragon-ts/agent'
import { guestKernel, isFull, isMain, isPart } from '@tetragon-ts/agent/testing'
import { Btf } from '@tetragon-ts/ebpf/btf'
import { probe } from '@tetragon-ts/ebpf/features'
import { preemptsPrograms } from '@tetragon-ts/sensors'
import {
  Attacked,
  allowed,
  attempts,
  countsOf,
  type Loaded,
  type Operation,
  outcomes,
  policy,
  refuse,
  refused,
} from './attack.ts'
import { leftToHost } from './ways.ts'

/** The two ways to name the same decision. */
const sections = {
  'an LSM hook': (hook: string, type: string) => `
lsmhooks:
- hook: ${hook}
  args: [{index: 0, type: ${type}}]`,
  'a function': (hook: string, type: string) => `
kprobes:
- call: security_${hook.replace('bprm_check_security', 'bprm_check')}
  syscall: false
  args: [{index: 0, type: ${type}}]`,
}
type Section = keyof typeof sections
const sectionNames = Object.keys(sections) as Section[]

interface Wanted {
  readonly section?: Section
  readonly hook?: 'file_open' | 'bprm_check_security'
  readonly path: string
  readonly actions?: string
  readonly options?: string
  readonly name?: string
}

function forbid(means: string, wanted: Wanted): string {
  const { section = 'an LSM hook', hook = 'file_open', path, actions = refuse } = wanted
  const method = methods[means] ? `{name: override-method, value: ${methods[means]}}` : ''
  const options = [method, wanted.options].filter(Boolean).join(', ')
  const head = options === '' ? '' : `options: [${options}]`
  const type = hook === 'file_open' ? 'file' : 'linux_binprm'
  return policy(
    wanted.name ?? 'forbids',
    `${head}${sections[section](hook, type)}
  selectors:
  - matchArgs: [{index: 0, operator: Equal, values: ["${path}"]}]
    matchActions: [${actions}]`,
  )
}

/** Values of the option override-method, for means that must be named. */
const methods: Readonly<Record<string, string>> = { fmod_ret: 'fmod-ret', fanotify: 'fanotify' }

const counts = (loaded: Loaded) => {
  const { post, nopost, override, monitor_override } = countsOf(loaded)
  return { post, nopost, override, monitor_override }
}
const all = { post: attempts, nopost: 0, override: attempts, monitor_override: 0 }

/**
 * Why a kernel does not try with a means what the program decides, which is the same for LSM hooks
 * and fmod_ret: the main kernel tries it with the former, the oldest with the latter.
 */
const leftToOther: Readonly<Record<string, string | false>> = {
  lsm: isPart && 'the programs of LSM hooks are those of fmod_ret: tested on 6.12',
  fmod_ret: isMain && 'the programs of fmod_ret are those of LSM hooks: tested on 5.10',
}

/** Why a means cannot be tested here. */
function lacking(means: 'lsm' | 'fmod_ret' | 'fanotify'): string | false {
  const { answer, reason } = probe(means)
  if (answer !== 'yes') return reason
  if (means === 'fanotify' && guestKernel !== undefined && !isFull) return leftToHost
  const isWeak = means === 'fmod_ret' && preemptsPrograms(Btf.open())
  return isWeak && 'this kernel preempts programs: tested below'
}

for (const means of ['lsm', 'fmod_ret', 'fanotify'] as const) {
  const shown = means === 'fanotify' ? 'fanotify (only named files of the host)' : means
  describe(`refusals by ${means}`, { skip: lacking(means) }, () => {
    let attacked: Attacked
    before(async () => {
      attacked = await Attacked.start()
    })
    after(() => attacked?.run.stop())

    for (const section of sectionNames) {
      it(`prevent that a file is opened, at ${section}`, async () => {
        await attacked.succeeds('open', 'thread')
        await attacked.under(forbid(means, { section, path: attacked.file }), async (loaded) => {
          const { tally, events } = await attacked.attack('open', 'thread')
          assert.deepEqual(tally, refused(1))
          assert.deepEqual(outcomes(events), { [`OVERRIDE: ${shown}, done`]: attempts })
          assert.equal(events[0].enforcement?.[0].error, -1)
          assert.deepEqual(counts(loaded), all)
          // Other files are not affected.
          const other = join(attacked.run.folder, `other ${section}`)
          writeFileSync(other, 'o')
          assert.deepEqual((await attacked.attack('open', 'thread', other)).tally, allowed)
        })
        await attacked.succeeds('open', 'thread')
      })

      it(`prevent that a program is executed, at ${section}`, async () => {
        const hook = 'bprm_check_security'
        const text = forbid(means, { section, hook, path: attacked.program })
        for (const operation of ['exec', 'execveat'] as const) {
          await attacked.succeeds(operation, 'child')
          await attacked.under(text, async (loaded) => {
            const { tally } = await attacked.attack(operation, 'child')
            assert.deepEqual(tally, refused(1))
            assert.deepEqual(counts(loaded), all)
          })
        }
      })
    }

    const leftOut = leftToOther[means] ?? false

    for (const operation of ['openat2', 'path-fd', 'handle', 'uring', 'write'] as Operation[]) {
      it(`hold for other ways to open a file: ${operation}`, { skip: leftOut }, async (t) => {
        const { tally } = await attacked.attack(operation, 'child')
        // ENOSYS, EPERM: this kernel has no io_uring, or forbids it.
        if (operation === 'uring' && tally.effects === 0) return t.skip('no io_uring')
        assert.deepEqual(tally, allowed)
        await attacked.under(forbid(means, { path: attacked.file }), async () => {
          assert.deepEqual((await attacked.attack(operation, 'child')).tally, refused(1))
        })
      })
    }

    it('see the file behind a symbolic link; a hard link is another path', {
      skip: leftOut,
    }, async () => {
      const [symbolic, hard] = ['symbolic', 'hard'].map((name) => join(attacked.run.folder, name))
      symlinkSync(attacked.file, symbolic)
      linkSync(attacked.file, hard)
      await attacked.under(forbid(means, { path: attacked.file }), async () => {
        assert.deepEqual((await attacked.attack('open', 'thread', symbolic)).tally, refused(1))
        assert.deepEqual((await attacked.attack('open', 'thread', hard)).tally, allowed)
      })
    })

    it('have the error of the policy', { skip: leftOut }, async (t) => {
      if (means === 'fanotify') return t.skip('the kernel returns EPERM: tested below')
      const actions = '{action: Override, argError: -13}'
      await attacked.under(forbid(means, { path: attacked.file, actions }), async () => {
        assert.deepEqual((await attacked.attack('open', 'thread')).tally, refused(13))
      })
    })

    it('need no event', { skip: leftOut }, async () => {
      const actions = `{action: NoPost}, ${refuse}`
      await attacked.under(forbid(means, { path: attacked.file, actions }), async (loaded) => {
        const { tally, events } = await attacked.attack('open', 'thread')
        assert.deepEqual([tally, events.length], [refused(1), 0])
        assert.deepEqual(counts(loaded), { ...all, post: 0, nopost: attempts })
      })
    })

    it('can come with a signal', async (t) => {
      if (means === 'fanotify') return t.skip('its programs send no signals: tested below')
      const actions = `${refuse}, {action: Sigkill}`
      await attacked.under(forbid(means, { path: attacked.file, actions }), async (loaded) => {
        const { tally, events } = await attacked.attack('open', 'child')
        assert.deepEqual([tally.effects, tally.killed], [0, attempts])
        const enforced = events[0].enforcement?.map((each) => `${each.action} ${each.means}`)
        assert.deepEqual(enforced, [`Override ${means}`, 'Sigkill signal'])
        const { override, signal } = countsOf(loaded)
        assert.deepEqual([override, signal], [attempts, attempts])
      })
    })

    it('are only counted in mode monitor', { skip: leftOut }, async () => {
      const options = '{name: policy-mode, value: monitor}'
      await attacked.under(forbid(means, { path: attacked.file, options }), async (loaded) => {
        const { tally, events } = await attacked.attack('open', 'thread')
        assert.deepEqual(tally, allowed)
        assert.deepEqual(outcomes(events), { [`POST: ${shown}, not done`]: attempts })
        assert.deepEqual(counts(loaded), { ...all, override: 0, monitor_override: attempts })
      })
    })

    it('hold while other policies at the hook come and go', async () => {
      await attacked.under(forbid(means, { path: attacked.file }), async (loaded) => {
        const started = attacked.begin('open', 'thread')
        let running = true
        void started.ended.then(() => {
          running = false
        })
        for (let round = 0; running || round === 0; round++) {
          const others: Loaded[] = []
          for (let i = 0; i < 3; i++) {
            const wanted = { path: '/etc/other', name: `other-${i}` }
            others.push(await attacked.run.load(forbid(means, wanted)))
          }
          for (const each of others) await attacked.run.unload(each)
          // The end of the attack is an event of Node.js.
          await turn()
        }
        await attacked.run.finish(started)
        assert.deepEqual(JSON.parse(started.output), refused(1))
        assert.deepEqual(counts(loaded), all)
      })
    })
  })
}

describe('a policy whose action the kernel cannot carry out', () => {
  let attacked: Attacked
  before(async () => {
    attacked = await Attacked.start()
  })
  after(() => attacked?.run.stop())

  const reasons = async (text: string): Promise<string> => {
    try {
      await attacked.run.unload(await attacked.run.load(text))
    } catch (error) {
      if (error instanceof PolicyError) return error.message
      throw error
    }
    return ''
  }
  const opening = (more = '') =>
    policy(
      'opening',
      `${more}
kprobes:
- call: sys_openat
  syscall: true
  args: [{index: 1, type: string}]
  selectors:
  - matchArgs: [{index: 1, operator: Equal, values: ["/none/refused"]}]
    matchActions:
    - action: Override
      argError: -1`,
    )

  it('is refused with all means and their reasons, at its position', async (t) => {
    if (probe('override_return').answer === 'yes') return t.skip('this kernel can')
    const message = await reasons(opening())
    assert.match(message, /case\.yaml:12:17: error: cannot enforce Override at __\w+_sys_openat: /)
    assert.match(message, /\(spec\.kprobes\[0\]\.selectors\[0\]\.matchActions\[0\]\.action\)/)
    for (const each of ['lsm', 'fmod_ret', 'override_return']) {
      assert.match(message, new RegExp(`[:;] ${each}: \\w+`))
    }
    assert.match(message, /the policy would load with the action Sigkill/)
    assert.equal(await reasons(opening().replace('Override', 'Sigkill')), '')
  })

  it('is refused if fmod_ret can be skipped, unless it permits that', async (t) => {
    const { answer, reason } = probe('fmod_ret')
    if (answer !== 'yes') return t.skip(reason)
    if (!preemptsPrograms(Btf.open())) return t.skip('this kernel preempts no programs')
    const path = attacked.file
    const exact = forbid('', {
      path,
      section: 'a function',
      options: '{name: exact-hooks, value: "true"}',
    })
    assert.match(await reasons(exact), /fmod_ret: this kernel skips it while a preempted task/)
    const loaded = await attacked.run.load(forbid('fmod_ret', { path, section: 'a function' }))
    const { tally, events } = await attacked.attack('open', 'thread')
    await attacked.run.unload(loaded)
    const [warning] = loaded.compiled.warnings
    assert.match(warning.message, /^decisions of fmod_ret can be missed: this kernel skips it/)
    assert.equal(events[0].enforcement?.[0].means, 'fmod_ret (can be skipped)')
    t.diagnostic(`${tally.effects} of ${attempts} attempts succeeded`)
    assert.equal(tally.effects + (tally.refused[1] ?? 0), attempts)
  })

  it('is loaded in mode monitor', async () => {
    assert.equal(await reasons(opening('options: [{name: policy-mode, value: monitor}]')), '')
  })

  it('is loaded with a positive result where callers refuse that as well', async (t) => {
    const forbidden = (call: string) =>
      policy(
        'positive',
        `
options: [{name: override-method, value: fmod-ret}]
kprobes:
- call: ${call}
  syscall: false
  selectors:
  - matchBinaries: [{operator: In, values: ["/usr/bin/bash"]}]
    matchActions: [{action: Override, argError: 1}]`,
      )
    assert.match(await reasons(forbidden('security_file_open')), /cannot enforce Override/)
    const { answer, reason } = probe('fmod_ret')
    if (answer !== 'yes') return t.skip(reason)
    const connect = async () => {
      const words = ['-c', 'exec 3<> /dev/tcp/127.0.0.1/1']
      const started = attacked.run.spawn('/usr/bin/bash', words)
      return [await started.ended, started.output]
    }
    // Nothing listens on this port. Bash takes a positive result of connect(2) for success.
    assert.equal((await connect())[0], 1)
    await attacked.under(forbidden('security_socket_connect'), async () => {
      assert.deepEqual(await connect(), [0, ''])
    })
  })

  it('is refused if its result refuses nothing', async () => {
    const actions = '{action: Override, argError: 0}'
    const message = await reasons(forbid('', { path: '/etc/passwd', actions }))
    assert.match(message, /cannot enforce Override at file_open: /)
    if (probe('lsm').answer === 'yes') assert.match(message, /a result of 0 refuses nothing/)
  })
})
