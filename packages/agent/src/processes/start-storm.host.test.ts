import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { RunningAgent, repeats } from '../testing/index.ts'

describe('short processes during the start of the agent', () => {
  it('have one exec each, and no exit without it', async () => {
    // As many forks, execs and repeated execs as the machine can run.
    const script = 'while :; do /bin/true storm; /bin/sh -c "exec /bin/true storm"; (exit 0); done'
    // In a guest, the agent shares the only processor with them.
    const storms = Array.from({ length: repeats(2, 1) }, () =>
      spawn('/bin/sh', ['-c', script], { stdio: 'ignore' }),
    )
    let agent: RunningAgent | undefined
    try {
      agent = await RunningAgent.start()
      // From here on nothing may be missing.
      const from = (await agent.events()).length
      await agent.events()
      for (const storm of storms) storm.kill('SIGKILL')
      await Promise.all(storms.map((storm) => once(storm, 'exit')))
      const all = await agent.events()
      const execs = new Set<string>()
      for (const [index, { kind, process: child, parent, line }] of all.entries()) {
        const id = child.exec_id ?? ''
        assert.notEqual(child.flags, 'unknown', line)
        if (kind === 'exec') {
          assert.ok(!execs.has(id), `a second exec: ${line}`)
          execs.add(id)
        } else {
          // A fork that never executed a program has no exec event.
          assert.ok(execs.has(id) || child.flags === 'clone', `an exit without exec: ${line}`)
        }
        if (index >= from) {
          assert.ok(child.binary, `no binary: ${line}`)
          assert.equal(parent?.exec_id, child.parent_exec_id, `no parent: ${line}`)
          assert.doesNotMatch(child.flags ?? '', /miss/, line)
        }
      }
      await agent.stop()
      assert.doesNotMatch(agent.stderr, /lost|unknown processes/)
    } finally {
      for (const storm of storms) storm.kill('SIGKILL')
      await agent?.remove()
    }
  })
})
