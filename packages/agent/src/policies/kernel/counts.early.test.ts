import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { isPart, PolicyRun } from '../../testing/index.ts'
import { hookStatuses } from './hook-statuses.ts'

/** Each prefix is matched by another method. */
const policy = (more: string) => `
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata:
  name: counted
spec:
  kprobes:
  - call: sys_chdir
    syscall: true
    args: [{index: 0, type: string}]
${more}
    selectors:
    - matchArgs: [{index: 0, operator: Prefix, values: ["/none/posted"]}]
    - matchArgs: [{index: 0, operator: Prefix, values: ["/none/quiet"]}]
      matchActions: [{action: NoPost}]
    - matchArgs: [{index: 0, operator: Prefix, values: ["/none/limited"]}]
      matchActions: [{action: Post, rateLimit: 1h, rateLimitScope: global}]
    - matchArgs: [{index: 0, operator: Prefix, values: ["/proc/1"]}]
      SELECTOR
  - call: sys_vhangup
    syscall: true
  - call: sys_no_such_call
    syscall: true
    ignore: {callNotFound: true}
`
const script =
  'for i in 1 2 3 4 5; do cd /none/posted; cd /none/quiet/$i; cd /none/limited; ' +
  'cd /none/other; cd /proc/1; cd /proc/1x; done 2>/dev/null; exit 0'

/** Early verifiers take long for such a policy, and returns are what they attach differently. */
const onHost = { skip: isPart && 'the host shows it' }

describe('decisions of selectors are counted', () => {
  let run: PolicyRun
  before(async () => {
    run = await PolicyRun.start()
  })
  after(() => run?.stop())

  const count = async (text: string) => {
    const loaded = await run.load(text)
    const events = await run.finish(run.spawn('/bin/sh', ['-c', script]))
    const counts = loaded.compiled.document.policy.hooks.map((hook) =>
      loaded.counts(hook).map(({ post, nopost }) => [post, nopost]),
    )
    const posted = counts.flat().reduce((sum, [post]) => sum + post, 0)
    assert.equal(posted, events.length)
    await run.unload(loaded)
    return counts
  }

  it('at the entry', onHost, async () => {
    const counts = await count(policy('').replace('SELECTOR', ''))
    assert.deepEqual(counts, [
      [
        [5, 0],
        [0, 5],
        [1, 4],
        [10, 0],
      ],
      [[0, 0]],
      [[0, 0]],
    ])
  })

  it('at the return, if the return value decides', async () => {
    const result = '    return: true\n    returnArg: {index: 0, type: int}'
    const matched = 'matchReturnArgs: [{index: 0, operator: Equal, values: ["0"]}]'
    const counts = await count(policy(result).replace('SELECTOR', matched))
    assert.deepEqual(counts[0], [
      [5, 0],
      [0, 5],
      [1, 4],
      [5, 0],
    ])
    if (isPart) return
    const held = 'matchReturnActions: [{action: NoPost}]'
    const late = await count(policy(result).replace('SELECTOR', held))
    assert.deepEqual(late[0][3], [0, 10])
  })

  it('and counting continues when the mode changes, not when the policy does', onHost, async () => {
    const text = policy('').replace('SELECTOR', '')
    const policies = await run.agent.policies()
    let loaded = await run.load(text)
    const posted = async (): Promise<number> => {
      await run.finish(run.spawn('/bin/sh', ['-c', 'cd /none/posted 2>/dev/null; exit 0']))
      return loaded.counts(loaded.compiled.document.policy.hooks[0])[0].post
    }
    assert.equal(await posted(), 1)
    loaded = await policies.replace(loaded, loaded.compiled.document.withMode('monitor'))
    assert.equal(await posted(), 2)
    loaded = await run.replace(loaded, text)
    assert.equal(await posted(), 1)
    await run.unload(loaded)
  })

  it('and each hook has its state and back end', onHost, async () => {
    const loaded = await run.load(policy('').replace('SELECTOR', ''))
    const statuses = hookStatuses(loaded, true)
    assert.deepEqual(
      statuses.map(({ section, state, hook_idx }) => [section, state, hook_idx]),
      [
        ['kprobes', 'STATUS_LOADED', 0],
        ['kprobes', 'STATUS_LOADED', 1],
        ['kprobes', 'STATUS_CALL_NOT_FOUND', 2],
      ],
    )
    assert.match(statuses[0].hook_description ?? '', /^sys_chdir \([a-z._]+\)$/)
    assert.equal(statuses[2].hook_description, 'sys_no_such_call')
    await run.unload(loaded)
  })
})
