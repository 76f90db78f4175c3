import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { PolicyRun } from '@tetragon-ts/agent/testing'
import { workload } from '@tetragon-ts/test/workloads'
import { largePolicy, largeString, policyText } from './policies.ts'

describe('a large policy', () => {
  let run: PolicyRun
  let trigger: string
  before(async () => {
    trigger = await workload('trigger')
    run = await PolicyRun.start()
  })
  after(() => run?.stop())

  /** Policy events of a process of the workload. */
  async function events(...words: string[]) {
    const started = run.spawn(trigger, words)
    const found = await run.finish(started)
    assert.equal(await started.ended, 0, started.output)
    return found
  }

  it('of 40 selectors, 500 strings, 10 arguments', async () => {
    const { folder } = run
    const policy = await run.load(policyText(largePolicy(folder)))
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
    await run.unload(policy)
  })
})
