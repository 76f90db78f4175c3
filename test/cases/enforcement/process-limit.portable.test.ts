import assert from 'node:assert/strict'
import { availableParallelism } from 'node:os'
import { after, before, beforeEach, describe, it } from 'node:test'
import { probe } from '@tetragon-ts/ebpf/features'
import {
  Attacked,
  allowed,
  attempts,
  countsOf,
  type Hit,
  outcomes,
  policy,
  refuse,
} from './attack.ts'
import { startOfMinute } from './minute.ts'

const most = 4

const options = `{name: process-limit, value: "${most}"}`

/** A policy on opening the file by the attacker, with a limit. */
const limited = ({ attacker, file }: Attacked, actions: string): string =>
  policy(
    'limited',
    `options: [${options}]
kprobes:
- call: sys_openat
  syscall: true
  args: [{index: 1, type: string}]
  selectors:
  - matchBinaries: [{operator: In, values: ["${attacker}"]}]
    matchArgs: [{index: 1, operator: Equal, values: ["${file}"]}]
    matchActions: [${actions}]`,
  )

const refusing = (file: string): string =>
  policy(
    'refusing',
    `options: [${options}, {name: override-method, value: fanotify}]
kprobes:
- call: security_file_open
  syscall: false
  args: [{index: 0, type: file}]
  selectors:
  - matchArgs: [{index: 0, operator: Equal, values: ["${file}"]}]
    matchActions: [${refuse}]`,
  )

/** Enforcing actions that exceeded a limit. */
const exceeding = (events: readonly Hit[]) =>
  events.flatMap(({ enforcement = [] }) => enforcement).filter((each) => each.limit_reached)

describe('a policy with a limit of processes', () => {
  let attacked: Attacked
  before(async () => {
    attacked = await Attacked.start()
  })
  beforeEach(startOfMinute)
  after(() => attacked?.run.stop())

  it('monitors once it would hit more of them', () =>
    attacked.run.unlessMissed(() =>
      attacked.under(limited(attacked, '{action: Sigkill}'), async (loaded) => {
        assert.ok(!loaded.isAtLimit)
        const { tally, events } = await attacked.attack('open', 'child', undefined, { racing: 1 })
        const allowedNow = attempts - most
        assert.deepEqual(tally, { attempts, effects: allowedNow, killed: most, refused: {} })
        const { signal, monitor_signal } = countsOf(loaded)
        assert.deepEqual([signal, monitor_signal], [most, allowedNow])
        assert.ok(loaded.isAtLimit)
        assert.deepEqual(outcomes(events), {
          'SIGKILL: signal, done': most,
          'POST: signal, not done': allowedNow,
        })
        assert.equal(exceeding(events).length, 1)
      }),
    ))

  it('allows what it would refuse to more of them', async (t) => {
    const { answer, reason } = probe('fanotify')
    if (answer !== 'yes') return t.skip(reason)
    await attacked.under(refusing(attacked.file), async () => {
      const { tally } = await attacked.attack('open', 'child', undefined, { racing: 1 })
      assert.deepEqual(tally, {
        attempts,
        effects: attempts - most,
        killed: 0,
        refused: { 1: most },
      })
    })
  })

  it('does not hit many more when they race', async () => {
    await attacked.under(limited(attacked, '{action: Sigkill}'), async () => {
      const { tally } = await attacked.attack('open', 'child')
      // Each CPU can exceed the limit by one process.
      const maximum = most + availableParallelism()
      assert.ok(tally.killed >= most && tally.killed <= maximum, `${tally.killed} killed`)
      assert.equal(tally.killed + tally.effects, attempts)
    })
  })

  it('counts a process once', () => {
    // The process ignores SIGCHLD, so that it continues.
    const harmless = '{action: Signal, argSig: 17}'
    return attacked.run.unlessMissed(() =>
      attacked.under(limited(attacked, harmless), async (loaded) => {
        const { events } = await attacked.attack('open', 'thread')
        assert.deepEqual(outcomes(events), { 'SIGNAL: signal, done': attempts })
        assert.ok(!loaded.isAtLimit)
      }),
    )
  })

  it('counts from zero when its mode is set', async () => {
    await attacked.under(limited(attacked, '{action: Sigkill}'), async (loaded) => {
      const policies = await attacked.run.agent.policies()
      const killed = async () => {
        const { tally } = await attacked.attack('open', 'child', undefined, { racing: 1 })
        return tally.killed
      }
      assert.equal(await killed(), most)
      await policies.setMode(loaded, 'enforce')
      assert.equal(await killed(), most)
      await policies.setMode(loaded, 'monitor')
      assert.ok(!loaded.isAtLimit)
      assert.deepEqual((await attacked.attack('open', 'child')).tally, allowed)
    })
  })
})
