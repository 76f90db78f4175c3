import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { PolicyError } from '@tetragon-ts/agent'
import { guestKernel } from '@tetragon-ts/agent/testing'
import { Btf } from '@tetragon-ts/ebpf/btf'
import { probe } from '@tetragon-ts/ebpf/features'
import { preemptsPrograms } from '@tetragon-ts/sensors'
import { workload } from '@tetragon-ts/test/workloads'
import {
  Attacked,
  allowed,
  attempts,
  countsOf,
  type Loaded,
  outcomes,
  policy,
  refused,
} from './attack.ts'

const selector = (program: string, list: string, action: string) => `
  - matchArgs: [{index: 0, operator: InMap, values: ["list:${list}"]}]
    matchBinaries: [{operator: In, values: ["${program}"]}]
    matchActions: [${action}]`

/** Calls of a program notify, at the tracepoint of all system calls. */
const notify = (program: string, action: string, calls: string, more = '') =>
  policy(
    'notifies',
    `${more}
lists:
- {name: opening, type: syscalls, values: [sys_openat]}
- {name: leaving, type: syscalls, values: [sys_chdir]}
tracepoints:
- subsystem: raw_syscalls
  event: sys_enter
  args: [{index: 4, type: syscall64}]
  selectors:${selector(program, 'opening', action)}\
  ${selector(program, 'leaving', '{action: CleanupEnforcerNotification}')}
enforcers: [{calls: [${calls}]}]`,
  )
const notifyBy = (values: string) => `{action: NotifyEnforcer, ${values}}`
const opening = '"list:opening"'

describe('enforcers', () => {
  let attacked: Attacked
  /** A copy of the attacking program, which the policies select. */
  let program: string
  before(async () => {
    attacked = await Attacked.start()
    program = attacked.copy('attacker')
  })
  after(() => attacked?.run.stop())

  const attack = () => attacked.attack('open', 'child', undefined, { program })
  /** Linux 7 may skip the program that notifies: it is hit by every system call. */
  const under = (text: string, act: (loaded: Loaded) => Promise<void>) =>
    attacked.run.unlessMissed(() => attacked.under(text, act))

  it('send a signal within the call that notified them', async () => {
    const text = notify(program, notifyBy('argSig: 9'), opening)
    assert.deepEqual((await attack()).tally, allowed)
    await under(text, async (loaded) => {
      const { tally, events } = await attack()
      assert.deepEqual(tally, { attempts, effects: 0, killed: attempts, refused: {} })
      assert.deepEqual(outcomes(events), { 'NOTIFYENFORCER: enforcer, done': attempts })
      const { signal, override, notify_enforcer } = countsOf(loaded)
      assert.deepEqual([signal, override, notify_enforcer], [0, 0, attempts])
      assert.equal(events[0].enforcement?.[0].signal, 9)
      assert.deepEqual(loaded.missedNotifications(), [])
    })
    assert.deepEqual((await attack()).tally, allowed)
  })

  it('act while other processes block in the call', async () => {
    const fifo = join(attacked.run.folder, 'fifo')
    assert.equal(spawnSync('mkfifo', [fifo]).status, 0)
    // On Linux 5.10 the kernel sees as many returns of a function at a time as it has processors.
    const blocked = Array.from({ length: 8 }, () => attacked.run.spawn('/bin/cat', [fifo]))
    try {
      await under(notify(program, notifyBy('argSig: 9'), opening), async () => {
        const more = Array.from({ length: 8 }, () => attacked.run.spawn('/bin/cat', [fifo]))
        blocked.push(...more)
        const opens = async (pid: number) =>
          /^257 |^56 /.test(await readFile(`/proc/${pid}/syscall`, 'latin1').catch(() => ''))
        for (const { pid } of blocked) while (!(await opens(pid))) await sleep(10)
        const { tally } = await attack()
        assert.deepEqual(tally, { attempts, effects: 0, killed: attempts, refused: {} })
      })
    } finally {
      for (const { child } of blocked) child.kill('SIGKILL')
      for (const { ended } of blocked) await ended
    }
  })

  it('refuse at a security function', async (t) => {
    const { answer, reason } = probe('fmod_ret')
    if (answer !== 'yes') return t.skip(reason)
    const isWeak = preemptsPrograms(Btf.open()) && probe('lsm').answer !== 'yes'
    if (isWeak) return t.skip('this kernel preempts programs of fmod_ret')
    const text = notify(program, notifyBy('argError: -13'), 'security_file_open')
    await attacked.under(text, async () => {
      assert.deepEqual((await attack()).tally, refused(13))
    })
  })

  it('replace the result of a system call, or are refused with what would work', async () => {
    const text = notify(program, notifyBy('argError: -13, argSig: 9'), opening)
    if (probe('override_return').answer !== 'yes') {
      const error = await attacked.run.load(text).then(undefined, (cause: unknown) => cause)
      assert.ok(error instanceof PolicyError)
      assert.match(error.message, /cannot enforce argError of NotifyEnforcer at __\w+_sys_openat: /)
      assert.match(error.message, /would load with argSig: 9 instead of argError/)
      return
    }
    await attacked.under(text, async () => {
      const { tally } = await attack()
      assert.deepEqual(tally, { attempts, effects: 0, killed: attempts, refused: {} })
    })
    await attacked.under(notify(program, notifyBy('argError: -13'), opening), async () => {
      assert.deepEqual((await attack()).tally, refused(13))
    })
  })

  it('do nothing while the policy monitors', async () => {
    const monitor = 'options: [{name: policy-mode, value: monitor}]'
    const text = notify(program, notifyBy('argSig: 9'), opening, monitor)
    await under(text, async (loaded) => {
      const { tally, events } = await attack()
      assert.deepEqual(tally, allowed)
      assert.deepEqual(outcomes(events), { 'POST: enforcer, not done': attempts })
      const { notify_enforcer, monitor_notify_enforcer } = countsOf(loaded)
      assert.deepEqual([notify_enforcer, monitor_notify_enforcer], [0, attempts])
    })
  })

  /** A shell of its own: others on the machine open files, too. */
  function ownShell(): string {
    const path = join(attacked.run.folder, 'shell')
    if (!existsSync(path)) copyFileSync('/usr/bin/dash', path)
    return path
  }

  /** A shell opens a file three times, and becomes a program that makes a folder. */
  async function openAndMake(name: string, between: string) {
    const target = join(attacked.run.folder, name)
    const open = ': </dev/null'
    const script = `${open}; ${open}; ${open}; ${between}; exec mkdir "$0"`
    const started = attacked.run.spawn(ownShell(), ['-c', script, target])
    await attacked.run.finish(started)
    return { isMade: existsSync(target), end: await started.ended }
  }

  it('act at a later call of the thread, and count what had no effect', async () => {
    const text = notify(ownShell(), notifyBy('argSig: 9'), 'sys_mkdir')
    const missed = { hook: 'raw_syscalls/sys_enter' }
    await attacked.under(text, async (loaded) => {
      assert.deepEqual(await openAndMake('first', ':'), { isMade: true, end: 'SIGKILL' })
      const [{ count, ...first }, ...others] = loaded.missedNotifications()
      assert.deepEqual([first, others], [{ ...missed, reason: 'overwritten' }, []])
      assert.ok(Number(count) >= 2, String(count))

      assert.deepEqual(await openAndMake('second', 'cd /'), { isMade: true, end: 0 })
      const [, last] = loaded.missedNotifications()
      assert.deepEqual(last, { ...missed, reason: 'noaction', count: 1 })
    })
  })

  it('act at the calls of 32-bit programs, and only there', async (t) => {
    // dup has number 41 there; the other programs make calls of 64 bits.
    const by32 = ['try', 'syscall32', '41', '0']
    const trigger = await workload('trigger')
    const end = async (words: readonly string[]) => {
      const started = attacked.run.spawn(trigger, words)
      await attacked.run.finish(started)
      return started.ended
    }
    const works = await end(['syscall32', '41', '0'])
    if (works !== 0) return t.skip('this kernel runs no calls of 32-bit programs')
    const list = `
lists:
- {name: dup, type: syscalls, values: [i386/sys_dup]}
tracepoints:
- subsystem: raw_syscalls
  event: sys_enter
  args: [{index: 4, type: syscall64}]
  selectors:${selector(trigger, 'dup', notifyBy('argSig: 9'))}
enforcers: [{calls: ["list:dup"]}]`
    await under(policy('notifies', list), async (loaded) => {
      assert.equal(await end(by32), 'SIGKILL')
      assert.equal(await end(['try', 'syscall', '32', '0', '--', 'try', 'syscall', '41', '0']), 0)
      assert.equal(countsOf(loaded).notify_enforcer, 1)
    })
    assert.equal(await end(by32), 0)
  })

  it('act although thousands of threads have ended without making the call', async (t) => {
    if (guestKernel !== undefined) return t.skip('the same on all kernels: tried on the host')
    const count = 5000
    const text = notify(`${program}", "${ownShell()}`, notifyBy('argSig: 9'), 'sys_mkdir')
    await attacked.under(text, async (loaded) => {
      const { tally } = await attacked.attack('open', 'child', undefined, { program, count })
      assert.equal(tally.effects, count)
      assert.ok(countsOf(loaded).notify_enforcer >= count)
      assert.deepEqual(await openAndMake('third', ':'), { isMade: true, end: 'SIGKILL' })
    })
  })
})
