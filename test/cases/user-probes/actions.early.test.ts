import assert from 'node:assert/strict'
import { copyFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeTestFolder, repeats } from '@tetragon-ts/agent/testing'
import { callsMap } from '@tetragon-ts/compiler'
import { probe } from '@tetragon-ts/ebpf/features'
import { outcomes } from '../enforcement/attack.ts'
import { ProbedRun, uprobes } from './probed-run.ts'

const pollMs = 10
/** Of the attack by many threads. */
const rounds = repeats(20, 4)

describe('actions of uprobes', () => {
  let redirected: ProbedRun
  let folder: string
  /** Its path. */
  let guarded: string
  before(async () => {
    folder = makeTestFolder()
    guarded = join(folder, 'guarded')
    redirected = await ProbedRun.start('redirected', '--guarded-executables', guarded)
    copyFileSync(redirected.program, guarded)
  })
  after(async () => {
    await redirected?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const hookOf = (action: string, program = redirected.program) => `
path: ${program}
symbols: [decides]
selectors: [{matchActions: [{${action}}]}]`
  const call = ['call', '3', '4']
  const bodies = (events: readonly { readonly body: object }[]) => events.map(({ body }) => body)

  it('let the process continue after a signal that it ignores', async () => {
    const { output, end } = await redirected.under([hookOf('action: Signal, argSig: 18')], call)
    assert.deepEqual([output, end], [['ran', '10'], 0])
  })

  it('kill at the return, after the function ran', async () => {
    const hook = `
path: ${redirected.program}
symbols: [decides]
return: true
returnArg: {index: 0, type: long}
selectors:
- matchReturnArgs: [{index: 0, operator: Equal, values: ["10"]}]
  matchReturnActions: [{action: Sigkill}]`
    const words = ['call', '1', '1', '--', ...call, '--', 'call', '2', '2']
    const { output, end } = await redirected.under([hook], words)
    assert.deepEqual([output, end], [['ran', '3', 'ran'], 'SIGKILL'])
  })

  it('let none of many threads through', async () => {
    for (let round = 0; round < rounds; round++) {
      const { output, end } = await redirected.under(
        [hookOf('action: Sigkill')],
        ['storm', '50', '1000'],
      )
      assert.deepEqual([output, end], [[], 'SIGKILL'])
    }
  })

  it('are counted in mode monitor', async () => {
    const { output, events, counts } = await redirected.under([hookOf('action: Sigkill')], call, {
      options: '{name: policy-mode, value: monitor}, ',
    })
    assert.deepEqual(output, ['ran', '10'])
    assert.deepEqual(outcomes(bodies(events)), { 'POST: signal, not done': 1 })
    assert.deepEqual([counts.signal, counts.monitor_signal], [0, 1])
  })

  it('spare guarded executables', async () => {
    const { output, counts } = await redirected.under([hookOf('action: Sigkill', guarded)], call, {
      program: guarded,
    })
    assert.deepEqual(output, ['ran', '10'])
    assert.deepEqual([counts.signal, counts.monitor_signal], [0, 1])
  })

  it('suppress events with NoPost, but not the signal', async () => {
    const hook = `
path: ${redirected.program}
symbols: [decides]
selectors: [{matchActions: [{action: Sigkill}, {action: NoPost}]}]`
    const { end, events, counts } = await redirected.under([hook], call)
    assert.deepEqual([end, events], ['SIGKILL', []])
    assert.deepEqual([counts.signal, counts.nopost], [1, 1])
  })
})

describe('programs that wait', () => {
  let redirected: ProbedRun
  before(async () => {
    redirected = await ProbedRun.start('redirected')
  })
  after(() => redirected?.stop())

  it('keep their data while others run on the same processor', async (t) => {
    const { answer, reason } = probe('uprobe_multi')
    if (answer !== 'yes') return t.skip(reason)
    const hook = `
path: ${redirected.program}
symbols: [reads]
args:
- {index: 0, type: string}
- {index: 1, type: long}
- {index: 2, type: long}
- {index: 3, type: long}
- {index: 4, type: long}
selectors:
- matchArgs: [{index: 0, operator: Prefix, values: [th, la]}]
  matchActions: [{action: Signal, argSig: 18}]`
    for (let round = 0; round < 5; round++) {
      const { events, end } = await redirected.under([hook], ['late', 'later', '3'])
      assert.equal(end, 0)
      const shown = events.map(({ args: [text, ...numbers] }) => {
        return [text.string_arg, ...numbers.map(({ long_arg }) => Number(long_arg))]
      })
      const there = ['there', 1, 2, 3, 4]
      assert.deepEqual(shown, [there, there, there, ['later', 11, 12, 13, 14]])
    }
  })
})

describe('calls that do not return', () => {
  let probed: ProbedRun
  before(async () => {
    probed = await ProbedRun.start('probed')
  })
  after(() => probed?.stop())

  /** Waits until no call of a thread waits for its return. */
  async function noneWaits(pid: number): Promise<void> {
    const policies = await probed.run.agent.policies()
    const [loaded] = policies.loaded
    const calls = loaded.collection.map(callsMap)
    while ([...calls.keys()].some(({ tid }) => tid === pid)) await sleep(pollMs)
  }

  const hookOf = (symbol: string, selectors = '') => `
path: ${probed.program}
symbols: [${symbol}]
return: true
returnArg: {index: 0, type: int}
args: [{index: 0, type: int}]
${selectors}`

  /** The values of events of a process that ends, and which the table of calls has lost then. */
  async function valuesOf(hook: string, ...words: string[]) {
    const policy = await probed.run.loadAttached(uprobes([hook]))
    try {
      const started = probed.run.spawn(probed.program, words)
      const events = await probed.run.finish(started)
      await noneWaits(started.pid)
      return {
        end: await started.ended,
        values: events.map(({ args }) => args.map(({ int_arg }) => int_arg)),
      }
    } finally {
      await probed.run.unload(policy)
    }
  }

  it('a child that ends inside: its parent returns', async () => {
    const { end, values } = await valuesOf(hookOf('forks'), 'forks', '5')
    assert.deepEqual([end, values], [0, [[5, 5]]])
  })

  it('an exec inside', async () => {
    const { end, values } = await valuesOf(hookOf('executes'), 'executes', '/bin/true')
    assert.equal(end, 0)
    assert.equal(values.length, 1)
    assert.equal(values[0].length, 1)
  })

  it('a jump out of the function', async () => {
    const { end, values } = await valuesOf(
      hookOf('leaves, takes_numbers'),
      ...['leaves', '3', '--', 'numbers', '1', '2', '3'],
    )
    assert.equal(end, 0)
    assert.deepEqual(
      values.toSorted((a, b) => a.length - b.length),
      [[3], [1, 6]],
    )
  })

  it('death at the entry', async () => {
    const kills = 'selectors: [{matchActions: [{action: Sigkill}]}]'
    const { end, values } = await valuesOf(hookOf('takes_numbers', kills), 'numbers', '4', '0', '0')
    assert.deepEqual([end, values], ['SIGKILL', [[4]]])
  })
})
