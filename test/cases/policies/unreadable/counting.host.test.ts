import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { PolicyRun } from '@tetragon-ts/agent/testing'
import { workload } from '@tetragon-ts/test/workloads'

let run: PolicyRun
before(async () => {
  run = await PolicyRun.start()
})
after(() => run?.stop())

const policy = `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata:
  name: counted
spec:
  kprobes:
  - call: sys_openat
    syscall: true
    args:
    - index: 1
      type: string
    selectors:
    - matchArgs:
      - index: 1
        operator: Equal
        values: ["/etc/passwd"]
`

/** What commands of the workload make the policy post, and what is counted of it. */
async function counted(...words: readonly string[]) {
  const loaded = await run.load(policy)
  const [hook] = loaded.compiled.document.policy.hooks
  const lost = run.agent.losses()
  const events = await run.finish(run.spawn(await workload('trigger'), words))
  const [{ post, nopost }] = loaded.counts(hook)
  const now = run.agent.losses()
  await run.unload(loaded)
  const grown = Object.entries(now).filter(([kind, n]) => n > lost[kind as keyof typeof lost])
  return { events: events.length, post, nopost, lost: grown.map(([kind]) => kind) }
}

it('what is decided at the return is counted as an event, and not as unreadable', async () => {
  const hits = ['times', '20', 'absent', 'open', '/etc/passwd']
  assert.deepEqual(await counted(...hits), { events: 20, post: 20, nopost: 0, lost: [] })
})

it('what matches nothing after all is not counted', async () => {
  const misses = ['times', '20', 'absent', 'open', '/etc/group']
  assert.deepEqual(await counted(...misses), { events: 0, post: 0, nopost: 0, lost: [] })
})

it('what cannot be read at the return either is counted', async () => {
  const bad = ['times', '20', 'open-bad', '1']
  assert.deepEqual(await counted(...bad), { events: 20, post: 20, nopost: 0, lost: ['unreadable'] })
})
