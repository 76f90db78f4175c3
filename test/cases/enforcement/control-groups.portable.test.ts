import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { PolicyError } from '@tetragon-ts/agent'
import { isFull } from '@tetragon-ts/agent/testing'
import { probe } from '@tetragon-ts/ebpf/features'
import {
  Attacked,
  allowed,
  attempts,
  countsOf,
  type Loaded,
  type Operation,
  outcomes,
  policy,
  refused,
} from './attack.ts'
import { forbid, rules } from './cgroup-rules.ts'

describe('decisions of programs at cgroups', () => {
  let attacked: Attacked
  before(async () => {
    attacked = await Attacked.start()
  })
  after(() => attacked?.run.stop())

  for (const rule of rules) {
    const { answer, reason } = probe(rule.feature)
    describe(`about ${rule.title}`, { skip: answer !== 'yes' && reason }, () => {
      const attack = (operation: Operation) =>
        attacked.attack(operation, 'child', rule.target?.(attacked))

      /** Operations that have their effect without a policy. */
      async function possible(operations: readonly Operation[], report: (text: string) => void) {
        const found: Operation[] = []
        for (const operation of operations) {
          const { tally } = await attack(operation)
          if (tally.effects === 0) report(`${operation}: not here: ${JSON.stringify(tally)}`)
          else {
            assert.deepEqual(tally, allowed, operation)
            found.push(operation)
          }
        }
        return found
      }

      it('prevent it, in all ways', async (t) => {
        const operations = await possible(rule.prevented, (text) => t.diagnostic(text))
        if (operations.length === 0) return t.skip('none of the operations is possible here')
        await attacked.under(forbid(rule, attacked.attacker), async (loaded) => {
          for (const [i, operation] of operations.entries()) {
            const { tally, events } = await attack(operation)
            assert.deepEqual(tally, refused(1), operation)
            // Before Linux 5.12, kernel threads do what io_uring cannot do immediately.
            if (operation.endsWith('uring')) continue
            assert.deepEqual(outcomes(events), { [`OVERRIDE: ${rule.means}, done`]: attempts })
            if (i === 0) assert.equal(countsOf(loaded).override, attempts)
          }
        })
        for (const operation of operations)
          assert.deepEqual((await attack(operation)).tally, allowed)
      })

      it('let everything else pass', async (t) => {
        const operations = await possible(rule.passes, (text) => t.diagnostic(text))
        if (operations.length === 0) return t.skip('none of the operations is possible here')
        await attacked.under(forbid(rule, attacked.attacker), async () => {
          for (const operation of operations) {
            const { tally, events } = await attack(operation)
            assert.deepEqual([tally, outcomes(events)], [allowed, {}], operation)
          }
        })
      })

      const { unseen = [] } = rule
      if (unseen.length > 0) {
        it('do not see some ways, as the documentation says', async (t) => {
          const operations = await possible(unseen, (text) => t.diagnostic(text))
          if (operations.length === 0) return t.skip('none of the operations is possible here')
          await attacked.under(forbid(rule, attacked.attacker), async () => {
            for (const operation of operations) {
              assert.deepEqual((await attack(operation)).tally, allowed, operation)
            }
          })
        })
      }

      const { atLsmHook, prevented } = rule
      if (atLsmHook !== undefined) {
        it('are the same at the LSM hook', async () => {
          await attacked.under(forbid(rule, attacked.attacker, { hook: atLsmHook }), async () => {
            assert.deepEqual((await attack(prevented[0])).tally, refused(1))
          })
        })

        it('must be asked for', async (t) => {
          for (const stronger of ['lsm', 'fmod_ret'] as const) {
            if (probe(stronger).answer === 'yes') return t.skip(`this kernel has ${stronger}`)
          }
          const load = attacked.under(
            forbid(rule, attacked.attacker, { options: '' }),
            async () => {},
          )
          await assert.rejects(load, (error: unknown) => {
            assert.ok(error instanceof PolicyError)
            assert.match(error.message, /cgroup: it .*; to permit that, set override-method/)
            return true
          })
        })
      }

      it('are only counted in mode monitor', async (t) => {
        const [operation] = await possible(prevented.slice(0, 1), (text) => t.diagnostic(text))
        if (operation === undefined) return t.skip('the operation is not possible here')
        const options = [rule.options, '{name: policy-mode, value: monitor}'].filter(Boolean)
        await attacked.under(
          forbid(rule, attacked.attacker, { options: options.join(', ') }),
          async (loaded) => {
            assert.deepEqual((await attack(operation)).tally, allowed)
            assert.equal(countsOf(loaded).monitor_override, attempts)
          },
        )
      })

      // How policies share an attachment does not depend on the operation.
      if (!isFull && rule !== rules[0]) return
      it('hold among more policies than are attached directly', async (t) => {
        const [operation] = await possible(prevented.slice(0, 1), (text) => t.diagnostic(text))
        if (operation === undefined) return t.skip('the operation is not possible here')
        const others = await possible(rule.passes, (text) => t.diagnostic(text))
        const inMode = (mode: string) =>
          [rule.options, `{name: policy-mode, value: ${mode}}`].filter(Boolean).join(', ')
        const loaded: Loaded[] = []
        try {
          for (let i = 0; i < 6; i++) {
            const options = inMode(i === 5 ? 'enforce' : 'monitor')
            loaded.push(
              await attacked.run.load(
                forbid(rule, attacked.attacker, { options, name: `forbids-${i}` }),
              ),
            )
          }
          assert.deepEqual((await attack(operation)).tally, refused(1))
          const counts = loaded.map(countsOf)
          assert.deepEqual(
            counts.map(({ override, monitor_override }) => override + monitor_override),
            loaded.map(() => attempts),
          )
          for (const other of others) assert.deepEqual((await attack(other)).tally, allowed, other)
        } finally {
          for (const each of loaded) await attacked.run.unload(each)
        }
      })
    })
  }

  it('can be completed by signals to processes that make 32-bit system calls', async (t) => {
    const { tally } = await attacked.attack('route-i386', 'child')
    if (tally.effects === 0) return t.skip('this machine has no 32-bit system calls')
    const hooks = ['setsockopt', 'socketcall'].map(
      (name) => `
- call: __ia32_sys_${name}
  syscall: true
  selectors:
  - matchBinaries: [{operator: In, values: ["${attacked.attacker}"]}]
    matchActions: [{action: Sigkill}]`,
    )
    await attacked.under(policy('kills', `kprobes:${hooks.join('')}`), async () => {
      const { tally } = await attacked.attack('route-i386', 'child')
      assert.deepEqual(tally, { attempts, effects: 0, killed: attempts, refused: {} })
      const others = await attacked.attack('route', 'child')
      assert.deepEqual(others.tally, allowed)
    })
  })
})
