import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import { RunningAgent, repeats } from '@tetragon-ts/agent/testing'
import { workload } from '@tetragon-ts/test/workloads'

const execs = repeats(20_000, 300)
const parallel = 2
const status = 3

let agent: RunningAgent
before(async () => {
  agent = await RunningAgent.start()
})
after(() => agent.remove())

it(`loses none of ${execs} processes that start and end as fast as they can`, async () => {
  const program = join(agent.folder, 'flood')
  copyFileSync(await workload('noop'), program)
  const loop = await workload('exec-loop')
  const args = [String(execs), String(parallel), program, String(status)]
  // Not spawnSync: this process must read at the same time.
  const child = spawn(loop, args, { stdio: 'ignore' })
  const code = await new Promise((resolve) => child.once('exit', resolve))
  assert.equal(code, 0)

  const all = await agent.events()
  const flood = all.filter((event) => event.process.binary === program)
  const running = new Set<string>()
  const seen = new Set<string>()
  let exits = 0
  for (const { kind, process: image, status: exitStatus, signal } of flood) {
    const id = image.exec_id ?? ''
    if (kind === 'exec') {
      assert.ok(!seen.has(id), `${id} a second time`)
      seen.add(id)
      running.add(id)
    } else {
      assert.ok(running.delete(id), `exit of ${id} without its exec`)
      assert.equal(exitStatus, status)
      assert.equal(signal, undefined)
      exits++
    }
  }
  const forks = all.filter(({ process: { binary, flags } }) => binary === loop && flags === 'clone')
  // The workers of exec-loop are forks; more of them are programs whose exec was lost.
  assert.deepEqual(
    { execs: seen.size, exits, running: running.size, forks: forks.length },
    { execs, exits: execs, running: 0, forks: parallel },
    `skipped program runs: ${JSON.stringify(agent.missedRuns())}`,
  )

  const { code: ending } = await agent.stop()
  assert.equal(ending, 0)
  assert.doesNotMatch(agent.stderr, /lost in the kernel|unknown processes/)
})
