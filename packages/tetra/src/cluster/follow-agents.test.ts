import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import type { AgentPod } from './agent-pods.ts'
import type { ClusterConnection } from './cluster-connection.ts'
import { AgentFollower, type UseAgent } from './follow-agents.ts'
import { Roster } from './roster.ts'

const pod = (problem: string): AgentPod => ({ uid: 'u', name: 'p', node: 'n', problem })

/** A cluster with a pod. `change.now` sets its pods, when they are watched. */
function clusterOf(timeoutMs: number, client: object) {
  const change = { now: (_: readonly AgentPod[]): void => {} }
  const cluster = {
    timeoutMs,
    find: async () => ({ pods: [pod('')], nodesWithout: [] }),
    connect: async () => ({ client, [Symbol.dispose]() {} }),
    pods: {
      watch: async (changed: typeof change.now, _: unknown, signal: AbortSignal) => {
        change.now = changed
        await once(signal, 'abort')
      },
    },
  } as object as ClusterConnection
  return { cluster, change }
}

describe('the agents of a cluster', () => {
  it('are there when they answer about their health, before their first event', async () => {
    const { cluster } = clusterOf(3, { call: async () => ({}) })
    const end = new AbortController()
    const use: UseAgent = async (_, __, ___, signal) => void (await once(signal, 'abort'))
    let run: Promise<void> | undefined
    await new Promise<void>((resolve) => {
      run = new AgentFollower(cluster, new Roster(() => {}), use, resolve).run(end.signal)
    })
    end.abort()
    await run
  })

  it('are connected again while their last connection still ends', async () => {
    const { cluster, change } = clusterOf(60_000, {})
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
    change.now([pod('is Error')])
    change.now([pod('')])
    const connections = await settle()
    release[0]()
    await settle()
    // The end of the first one leaves the second one alone.
    change.now([pod('')])
    assert.deepEqual([connections, await settle()], [2, 2])
    end.abort()
    for (const each of release) each()
    await run
  })
})
