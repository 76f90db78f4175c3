import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import { PolicyRun } from '@tetragon-ts/agent/testing'
import { workload } from '@tetragon-ts/test/workloads'
import { descriptorPolicy, policyText, type SizedPolicy } from './policies.ts'

type Loaded = Awaited<ReturnType<PolicyRun['load']>>

describe('many policies', () => {
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

  /** Policy events of a process of the workload. */
  async function events(...words: string[]) {
    const started = run.spawn(trigger, words)
    const found = await run.finish(started)
    assert.equal(await started.ended, 0, started.output)
    return found
  }

  // Emulated processors take 0.2 s for each; a trampoline has room for 38.
  const count = 300
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
})
