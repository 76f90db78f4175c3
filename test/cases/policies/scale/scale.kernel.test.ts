import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import { PolicyRun } from '@tetragon-ts/agent/testing'
import { workload } from '@tetragon-ts/test/workloads'
import { guestVariables } from '../../../vm/target.ts'
import {
  descriptorPolicy,
  largePolicy,
  largeString,
  policyText,
  type SizedPolicy,
} from './policies.ts'

type Loaded = Awaited<ReturnType<PolicyRun['load']>>

describe('many and large policies', () => {
  let run: PolicyRun
  let trigger: string
  const loaded: Loaded[] = []
  before(async () => {
    trigger = await workload('trigger')
    run = await PolicyRun.start()
  })
  afterEach(async () => {
    for (const policy of loaded.splice(0)) await run.unload(policy)
  })
  after(() => run?.stop())

  async function load(policy: SizedPolicy): Promise<void> {
    loaded.push(await run.load(policyText(policy)))
  }

  /** What policies post about a process of the workload. */
  async function events(...words: string[]) {
    const started = run.spawn(trigger, words)
    const found = await run.finish(started)
    assert.equal(await started.ended, 0, started.output)
    return found
  }

  // Emulated processors take a fifth of a second for each.
  const count = process.env[guestVariables.kernel] === undefined ? 300 : 100
  it(`${count} policies at one system call`, async (t) => {
    const start = performance.now()
    for (let i = 0; i < count; i++) await load(descriptorPolicy(`policy-${i}`, -1000 - i))
    t.diagnostic(`loaded in ${Math.round(performance.now() - start)} ms`)
    const backends = loaded.map(({ compiled }) => compiled.hooks[0].planned.plan.backend)
    t.diagnostic(`back ends: ${[...new Set(backends)].join(', ')}`)
    for (const i of [0, 1, 37, 38, 39, count >> 1, count - 1]) {
      const posted = await events('try', 'lseek', String(-1000 - i), '0', '0')
      assert.deepEqual(
        posted.map(({ policy }) => policy),
        [`policy-${i}`],
      )
    }
    assert.deepEqual(await events('try', 'lseek', String(-1000 - count), '0', '0'), [])
  })

  it('a policy of 40 selectors, 500 strings, 10 arguments', async () => {
    const { folder } = run
    await load(largePolicy(folder))
    for (const i of [0, 189, 250, 499]) {
      const path = largeString(folder, i)
      const [event, ...more] = await events('open', path, '0101', '0640')
      assert.ok(event, path)
      assert.deepEqual(more, [])
      assert.equal(event.args.length, 10)
      assert.equal(event.args[1].string_arg, path)
      assert.deepEqual(event.args[8], { string_arg: path, label: 'name' })
      assert.deepEqual(event.args[9], { int_arg: 0o640, label: 'mode' })
    }
    assert.deepEqual(await events('open', `${largeString(folder, 7)}x`, '0101', '0640'), [])
    assert.deepEqual(await events('open', largeString(folder, 8), '0101', '0'), [])
  })
})
