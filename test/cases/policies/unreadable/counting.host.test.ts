import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { PolicyRun } from '@tetragon-ts/agent/testing'
import { workload } from '@tetragon-ts/test/workloads'
import { nativeNumber } from '../arguments/native-number.ts'

let run: PolicyRun
let trigger: string
before(async () => {
  trigger = await workload('trigger')
  run = await PolicyRun.start()
})
after(() => run?.stop())

/** Of the workload only: other processes read /etc/passwd too. */
const policy = () => `apiVersion: cilium.io/v1alpha1
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
    - matchBinaries:
      - {operator: In, values: [${trigger}]}
      matchArgs:
      - index: 1
        operator: Equal
        values: ["/etc/passwd"]
`

/** Events and counters of the policy for commands of the workload. */
async function counted(...words: readonly string[]) {
  const loaded = await run.load(policy())
  const [hook] = loaded.compiled.document.policy.hooks
  const lost = run.agent.losses()
  const events = await run.finish(run.spawn(trigger, words))
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

it('what is not decided when the agent ends is posted', async () => {
  const own = await PolicyRun.start()
  await own.load(policy())
  const fifo = join(own.folder, 'fifo')
  spawnSync('mkfifo', [fifo])
  const started = own.spawn(trigger, ['absent', 'open', fifo])
  const call = () => readFileSync(`/proc/${started.pid}/syscall`, 'latin1')
  while (!call().startsWith(`${nativeNumber('openat')} `)) await sleep(10)
  // Stopping removes the folder.
  const events = openSync(own.eventsFile, 'r')
  await own.agent.stop()
  await own.stop()
  started.child.kill('SIGKILL')
  const posted = readFileSync(events, 'latin1').match(/^.*"process_kprobe".*$/gm) ?? []
  closeSync(events)
  assert.equal(posted.length, 1)
  assert.match(posted[0], /"error_arg"/)
})

it('what cannot be read at the return either is counted', async () => {
  const bad = ['times', '20', 'open-bad', '1']
  assert.deepEqual(await counted(...bad), { events: 20, post: 20, nopost: 0, lost: ['unreadable'] })
})
