import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { probe } from '@tetragon-ts/ebpf/features'
import {
  Attacked,
  allowed,
  attempts,
  countsOf,
  type Loaded,
  policy,
  refuse,
  refused,
} from './attack.ts'

const { answer, reason } = probe('lsm')

/** More than a list of programs has: the kernel has one program for each of two lists. */
const many = 35

/** Refuses in mode enforce that a file is opened, and posts nothing. */
const forbid = (path: string, name: string) =>
  policy(
    name,
    `options: [{name: policy-mode, value: monitor}]
lsmhooks:
- hook: file_open
  args: [{index: 0, type: file}]
  selectors:
  - matchArgs: [{index: 0, operator: Equal, values: ["${path}"]}]
    matchActions: [{action: NoPost}, ${refuse}]`,
  )

const counts = (loaded: Loaded) => {
  const { post, nopost, override, monitor_override } = countsOf(loaded)
  return { post, nopost, override, monitor_override }
}

// The order is decided in the same way for all means, and on all kernels.
describe(`refusals of ${many} policies at a hook`, { skip: answer !== 'yes' && reason }, () => {
  let attacked: Attacked
  before(async () => {
    attacked = await Attacked.start()
  })
  after(() => attacked?.run.stop())

  it('do not hide the hit from others, whatever their order', async () => {
    const { run, file } = attacked
    const policies = await run.agent.policies()
    const loaded: Loaded[] = []
    for (let i = 0; i < many; i++) loaded.push(await run.load(forbid(file, `forbids-${i}`)))
    const refusals = loaded.map(() => 0)
    let rounds = 0
    for (const refusing of [[0], [many - 1], [1, many - 2]]) {
      for (const i of refusing) await policies.setMode(loaded[i], 'enforce')
      assert.deepEqual((await attacked.attack('open', 'thread')).tally, refused(1))
      for (const i of refusing) refusals[i] += attempts
      rounds++
      const expected = refusals.map((override) => {
        const hits = rounds * attempts
        return { post: 0, nopost: hits, override, monitor_override: hits - override }
      })
      assert.deepEqual(loaded.map(counts), expected)
      for (const i of refusing) await policies.setMode(loaded[i], 'monitor')
    }
    // Without those that refuse nothing is left of their verdicts.
    await policies.setMode(loaded[many - 1], 'enforce')
    assert.deepEqual((await attacked.attack('open', 'thread')).tally, refused(1))
    for (const each of loaded.splice(many - 2)) await run.unload(each)
    assert.deepEqual((await attacked.attack('open', 'thread')).tally, allowed)
  })
})
