import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import type { AgentPod } from './agent-pods.ts'
import type { ClusterConnection } from './cluster-connection.ts'
import { AgentFollower } from './follow-agents.ts'
import { Roster } from './roster.ts'

const pod = (problem: string): AgentPod => ({ uid: 'u', name: 'p', node: 'n', problem })

describe('the agents of a cluster', () => {
  it('are connected again while their last connection still ends', async () => {
    let change = (_: readonly AgentPod[]): void => {}
    const cluster = {
      timeoutMs: 60_000,
      find: async () => ({ pods: [pod('')], nodesWithout: [] }),
      connect: async () => ({ client: {}, [Symbol.dispose]() {} }),
      pods: {
        watch: async (changed: typeof change, _: unknown, signal: AbortSignal) => {
          change = changed
          await once(signal, 'abort')
        },
      },
    } as object as ClusterConnection
    // As a connection whose events wait for the output.
    const release: (() => void)[] = []
    const use = () => new Promise<void>((resolve) => release.push(resolve))
    const end = new AbortController()
    const run = new AgentFollower(cluster, new Roster(() => {}), use).run(end.signal)
    const settle = async (): Promise<number> => {
      for (let i = 0; i < 20; i++) await turn()
      return release.length
    }
    assert.equal(await settle(), 1)
    change([pod('is Error')])
    change([pod('')])
    const connections = await settle()
    release[0]()
    await settle()
    // The end of the first one leaves the second one alone.
    change([pod('')])
    assert.deepEqual([connections, await settle()], [2, 2])
    end.abort()
    for (const each of release) each()
    await run
  })
})
