// Starts an agent after two processes whose main thread has ended.

import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { dirname } from 'node:path'
import { after, before, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { only, RunningAgent, readIfThere } from '@tetragon-ts/agent/testing'
import { workload } from '@tetragon-ts/test/workloads'

/** A process of the administrator, and one whose arguments the agent reads with care. */
const uids = [0, 65534]

let threads: string
let children: ChildProcess[]
let agent: RunningAgent
before(async () => {
  threads = await workload('thread-ends')
  children = uids.map((uid) =>
    spawn(threads, ['leader-gone', '1', String(uid)], { cwd: dirname(threads), uid }),
  )
  for (const { pid } of children) {
    while (!/^State:\tZ/m.test(readIfThere(`/proc/${pid}/status`))) await sleep(10)
  }
  agent = await RunningAgent.start()
})
after(async () => {
  for (const child of children) child.kill('SIGKILL')
  await agent.remove()
})

it('a running process whose main thread has ended has its binary and arguments', async () => {
  for (const [i, uid] of uids.entries()) {
    const { process: found } = only(await agent.eventsOf(children[i].pid ?? 0), 'exec')
    assert.deepEqual(
      [found.binary, found.arguments, found.cwd, found.uid, found.flags],
      [threads, `leader-gone 1 ${uid}`, dirname(threads), uid, 'procFS'],
    )
  }
})
