import assert from 'node:assert/strict'
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { HookEvent } from '@tetragon-ts/agent/testing'
import { workload } from '@tetragon-ts/test/workloads'
import { Attacked, attempts, countsOf, type Loaded, outcomes, policy } from './attack.ts'

/** A policy at a function that gets what the kernel has found by a path. */
const atObject =
  (name: string, call: string, type: string) =>
  (path: string, action: string, more = '') =>
    policy(
      name,
      `${more}
kprobes:
- call: ${call}
  syscall: false
  args: [{index: 0, type: ${type}}]
  selectors:
  - matchArgs: [{index: 0, operator: Equal, values: ["${path}"]}]
    matchActions: [${action}]`,
    )
const opens = atObject('opens', 'security_file_open', 'file')
const executes = atObject('executes', 'security_bprm_check', 'linux_binprm')
/**
 * Calls of a program by a path in its memory. Other programs have paths that are not resident: they
 * would be killed, too.
 */
const byPath = (call: string, program: string, path: string) =>
  policy(
    'paths',
    `
kprobes:
- call: ${call}
  syscall: true
  args: [{index: 1, type: string}]
  selectors:
  - matchBinaries: [{operator: In, values: ["${program}"]}]
    matchArgs: [{index: 1, operator: Equal, values: ["${path}"]}]
    matchActions: [{action: Sigkill}]`,
  )

const bodies = (events: readonly HookEvent[]) => events.map(({ body }) => body)

describe('signals', () => {
  let attacked: Attacked
  before(async () => {
    attacked = await Attacked.start()
  })
  after(() => attacked?.run.stop())

  /** Copies a program, so that only this test runs it. @returns its path */
  const copyOf = (program: string) => {
    const path = join(attacked.run.folder, basename(program))
    copyFileSync(program, path)
    return path
  }

  const counts = (loaded: Loaded) => {
    const { post, nopost, signal, monitor_signal } = countsOf(loaded)
    return { post, nopost, signal, monitor_signal }
  }
  const all = { nopost: 0, signal: attempts, monitor_signal: 0, post: attempts }

  for (const operation of ['exec', 'execveat'] as const) {
    it(`kill before a program runs an instruction: ${operation}`, async () => {
      await attacked.succeeds(operation, 'child')
      await attacked.under(executes(attacked.program, '{action: Sigkill}'), async (loaded) => {
        const { tally, events } = await attacked.attack(operation, 'child')
        assert.deepEqual(tally, { attempts, effects: 0, killed: attempts, refused: {} })
        assert.deepEqual(outcomes(events), { 'SIGKILL: signal, done': attempts })
        assert.deepEqual(counts(loaded), all)
      })
    })
  }

  it('kill the process that opens a file before it reads a byte', async () => {
    await attacked.succeeds('open', 'child')
    await attacked.under(opens(attacked.file, '{action: Sigkill}'), async (loaded) => {
      const { tally, events } = await attacked.attack('open', 'child')
      assert.deepEqual(tally, { attempts, effects: 0, killed: attempts, refused: {} })
      assert.deepEqual(outcomes(events), { 'SIGKILL: signal, done': attempts })
      assert.deepEqual(counts(loaded), all)
    })
  })

  it('kill all threads of the process', async () => {
    await attacked.under(opens(attacked.file, '{action: Sigkill}'), async () => {
      const started = attacked.begin('open', 'thread')
      await attacked.run.finish(started)
      assert.equal(await started.ended, 'SIGKILL')
      assert.equal(started.output, '')
    })
  })

  it('do not undo the system call that they end', async () => {
    const path = join(attacked.run.folder, 'removed')
    writeFileSync(path, '')
    const remover = copyOf('/bin/rm')
    await attacked.under(byPath('sys_unlinkat', remover, path), async () => {
      const started = attacked.run.spawn(remover, ['-f', path])
      assert.deepEqual(outcomes(bodies(await attacked.run.finish(started))), {
        'SIGKILL: signal, done': 1,
      })
      assert.equal(await started.ended, 'SIGKILL')
    })
    assert.equal(existsSync(path), false)
  })

  it('are sent at the return if the result matches', async () => {
    const path = join(attacked.run.folder, 'absent')
    const reader = copyOf('/bin/cat')
    const text = policy(
      'returns',
      `
kprobes:
- call: sys_openat
  syscall: true
  args: [{index: 1, type: string}]
  return: true
  returnArg: {index: 0, type: int}
  selectors:
  - matchBinaries: [{operator: In, values: ["${reader}"]}]
    matchArgs: [{index: 1, operator: Equal, values: ["${path}"]}]
    matchReturnArgs: [{index: 0, operator: Equal, values: ["-2"]}]
    matchReturnActions: [{action: Sigkill}]`,
    )
    await attacked.under(text, async (loaded) => {
      const opening = async () => {
        const started = attacked.run.spawn(reader, [path])
        const events = await attacked.run.finish(started)
        return { ended: await started.ended, events: bodies(events) }
      }
      const killed = await opening()
      const shown = JSON.stringify([killed.events, counts(loaded), attacked.run.agent.losses()])
      assert.equal(killed.ended, 'SIGKILL', shown)
      const [{ action, return_action, enforcement }, ...others] = killed.events
      assert.deepEqual(others, [])
      assert.deepEqual(
        [action, return_action, enforcement],
        [
          ...['KPROBE_ACTION_POST', 'KPROBE_ACTION_SIGKILL'],
          [{ action: 'Sigkill', means: 'signal', done: true, signal: 9 }],
        ],
      )
      assert.equal(counts(loaded).signal, 1)
      writeFileSync(path, '')
      assert.equal((await opening()).ended, 0)
      assert.equal(counts(loaded).signal, 1)
    })
  })

  it('other than SIGKILL are sent with their number', async () => {
    await attacked.under(opens(attacked.file, '{action: Signal, argSig: 10}'), async () => {
      const { tally, events } = await attacked.attack('open', 'child')
      assert.deepEqual([tally.killed, tally.effects], [attempts, 0])
      assert.deepEqual(outcomes(events), { 'SIGNAL: signal, done': attempts })
      assert.equal(events[0].enforcement?.[0].signal, 10)
    })
  })

  it('need no event', async () => {
    const quiet = '{action: NoPost}, {action: Sigkill}'
    await attacked.under(opens(attacked.file, quiet), async (loaded) => {
      const { tally, events } = await attacked.attack('open', 'child')
      assert.deepEqual([tally.killed, tally.effects, events.length], [attempts, 0, 0])
      assert.deepEqual(counts(loaded), { ...all, post: 0, nopost: attempts })
    })
    const limited = '{action: Post, rateLimit: 1h, rateLimitScope: global}, {action: Sigkill}'
    await attacked.under(opens(attacked.file, limited), async () => {
      const { tally, events } = await attacked.attack('open', 'child')
      assert.deepEqual([tally.killed, tally.effects, events.length], [attempts, 0, 1])
    })
  })

  it('are only counted in mode monitor', async () => {
    const options = 'options: [{name: policy-mode, value: monitor}]'
    await attacked.under(opens(attacked.file, '{action: Sigkill}', options), async (loaded) => {
      const { tally, events } = await attacked.attack('open', 'child')
      assert.deepEqual(tally, { attempts, effects: attempts, killed: 0, refused: {} })
      assert.deepEqual(outcomes(events), { 'POST: signal, not done': attempts })
      assert.deepEqual(counts(loaded), { ...all, signal: 0, monitor_signal: attempts })
    })
  })

  it('never hit the agent itself', async () => {
    await attacked.under(opens(attacked.file, '{action: Sigkill}'), async () => {
      assert.equal(readFileSync(attacked.file, 'latin1')[0], 's')
    })
  })

  it('of several policies at a hook are all counted', async () => {
    const texts = [0, 1, 2, 3, 4, 5].map((i) => {
      const options = i % 2 === 0 ? '' : 'options: [{name: policy-mode, value: monitor}]'
      const text = opens(attacked.file, '{action: Sigkill}', options)
      return text.replace('name: opens', `name: opens-${i}`)
    })
    const loaded: Loaded[] = []
    try {
      for (const text of texts) loaded.push(await attacked.run.load(text))
      const { tally, events } = await attacked.attack('open', 'child')
      assert.deepEqual([tally.killed, tally.effects], [attempts, 0])
      assert.equal(events.length, 6 * attempts)
      const monitored = { ...all, signal: 0, monitor_signal: attempts }
      const expected = texts.map((_, i) => (i % 2 === 0 ? all : monitored))
      assert.deepEqual(loaded.map(counts), expected)
    } finally {
      for (const each of loaded) await attacked.run.unload(each)
    }
  })

  it('wait for an argument whose page is not resident', async () => {
    const [forbidden, other] = ['/etc/forbidden', '/etc/forbidde']
    const trigger = copyOf(await workload('trigger'))
    const text = byPath('sys_openat', trigger, forbidden)
    const open = async (path: string) => {
      const started = attacked.run.spawn(trigger, ['absent', 'open', path])
      const events = await attacked.run.finish(started)
      return { ended: await started.ended, events }
    }
    await attacked.under(text, async (loaded) => {
      const allowed = await open(other)
      assert.notEqual(allowed.ended, 'SIGKILL')
      assert.equal(allowed.events.length, 0)
      const killed = await open(forbidden)
      assert.equal(killed.ended, 'SIGKILL')
      assert.deepEqual(outcomes(bodies(killed.events)), { 'SIGKILL: signal, done': 1 })
      assert.equal(counts(loaded).signal, 1)
    })
  })
})
