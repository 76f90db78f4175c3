import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { afterEach, describe, it } from 'node:test'
import {
  guestKernel,
  heldBy,
  objectsInKernel,
  RunningAgent,
  repeats,
  waitUntilGone,
} from '../testing/index.ts'

const started: RunningAgent[] = []
afterEach(async () => {
  // In reverse order: an agent may have its pid file in the folder of an earlier one.
  for (const agent of started.splice(0).reverse()) await agent.remove()
})

/** Starts an agent that ends at the end of its test at the latest. */
async function startAgent(...args: string[]): Promise<RunningAgent> {
  const agent = RunningAgent.launch(...args)
  started.push(agent)
  await agent.ready()
  return agent
}

/** The kernel treats these signals alike. */
const signals =
  guestKernel === undefined ? (['SIGINT', 'SIGTERM'] as const) : (['SIGTERM'] as const)

describe('the end of an agent', () => {
  for (const signal of signals) {
    it(`by ${signal} writes every event out`, async () => {
      const agent = await startAgent()
      const held = heldBy(agent.pid)
      const count = repeats(50, 5)
      for (let i = 0; i < count; i++) spawnSync('/bin/true', [`last-${i}`])
      assert.deepEqual(await agent.stop(signal), { code: 0, signal: null })
      const last = agent.written.events.filter(({ process }) =>
        process.arguments?.startsWith('last-'),
      )
      assert.equal(last.length, 2 * count)
      assert.ok(readFileSync(agent.exportFile, 'utf8').endsWith('}\n'))
      assert.match(agent.stderr, /stopped after \d+ events\n$/)
      assert.ok(!existsSync(agent.pidFile))
      await waitUntilGone(held)
    })
  }

  it('by SIGKILL leaves nothing in the kernel, and the next one starts', async () => {
    const agent = await startAgent()
    const held = heldBy(agent.pid)
    const names = held.map((object) => objectsInKernel().get(object))
    for (const name of ['tg_exec', 'tg_exit', 'tg_fork', 'tg_events', 'tg_processes']) {
      assert.ok(names.includes(name), `${name} is not among ${names.join()}`)
    }
    assert.equal((await agent.stop('SIGKILL')).signal, 'SIGKILL')
    const next = await startAgent('--pid-file', agent.pidFile)
    spawnSync('/bin/true', ['after-kill'])
    const seen = (await next.events()).filter(({ process }) => process.arguments === 'after-kill')
    assert.equal(seen.length, 2)
    await waitUntilGone(held)
  })
})
