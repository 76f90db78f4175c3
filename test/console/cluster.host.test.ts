import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { FakeCluster } from '@tetragon-ts/tetra/testing'
import { OpenConsole } from './open-console.ts'
import { hurryAfterFailure } from './waits.ts'

hurryAfterFailure()

type Agent = Awaited<ReturnType<FakeCluster['addAgent']>>

/** The start of a program in a pod. */
function exec(node: string, pod: string, binary: string): object {
  const process = {
    exec_id: `${node}:${binary}`,
    pid: 7,
    binary,
    arguments: '--one',
    start_time: new Date().toISOString(),
    pod: { namespace: 'default', name: pod },
  }
  return { process_exec: { process }, node_name: node, time: new Date().toISOString() }
}

const policy = (state: string, error = '') => ({
  policies: [{ name: 'guard', domain: 'k8s', state, error, mode: 'TP_MODE_ENFORCE' }],
})

let cluster: FakeCluster
const agents = new Map<string, Agent>()
let opened: OpenConsole
before(async () => {
  cluster = await FakeCluster.start()
  for (const node of ['node-1', 'node-2']) agents.set(node, await cluster.addAgent(node))
  // As the original, whose first answer is an event.
  for (const agent of agents.values()) agent.sendsHeaders = false
  agents.get('node-1')!.answer('ListTracingPolicies', policy('TP_STATE_ENABLED'))
  agents.get('node-2')!.answer('ListTracingPolicies', policy('TP_STATE_LOAD_ERROR', 'no BTF'))
  opened = await OpenConsole.open(...cluster.options)
  await Promise.all([...agents.values()].map((agent) => agent.streams(1)))
})
after(async () => {
  await opened?.[Symbol.asyncDispose]()
  await cluster?.stop()
})

describe('the console of a cluster', () => {
  it('shows that it is connected before the first event', async () => {
    const status = opened.page.getByRole('status')
    await status.filter({ hasText: '0 events/s, 0 of 0 shown' }).waitFor()
    await opened.page.getByText(/^No events of the past: .* not for a cluster\.$/).waitFor()
  })

  it('shows events of all nodes, with their pods', async () => {
    agents.get('node-1')!.send(exec('node-1', 'xwing', '/usr/bin/first'))
    agents.get('node-2')!.send(exec('node-2', 'deathstar', '/usr/bin/second'))
    assert.match(await opened.row('first --one'), /default\/xwing/)
    assert.match(await opened.row('second --one'), /default\/deathstar/)
  })

  it('shows a policy with its state on each node', async () => {
    await opened.page.getByRole('link', { name: 'Policies', exact: true }).click()
    await opened.page.getByRole('button', { name: 'guard' }).click()
    const detail = opened.page.getByRole('region', { name: 'Policy' })
    await detail.getByRole('heading', { name: 'node-1: enabled, enforce' }).waitFor()
    await detail.getByRole('heading', { name: 'node-2: load error, enforce' }).waitFor()
    await detail.getByText('no BTF').waitFor()
  })

  it('shows a node whose agent has stopped as missing, until it is back', async () => {
    const missing = opened.page.getByText(/^node-2: pod tetragon-node-2 is CrashLoopBackOff$/)
    cluster.setPod('node-2', { waiting: { reason: 'CrashLoopBackOff' } })
    await missing.waitFor()
    cluster.setPod('node-2', { running: {} })
    await missing.waitFor({ state: 'detached' })
    await agents.get('node-2')!.streams(1)
    agents.get('node-2')!.send(exec('node-2', 'deathstar', '/usr/bin/third'))
    await opened.page.getByRole('link', { name: 'Events', exact: true }).click()
    assert.match(await opened.row('third --one'), /default\/deathstar/)
  })

  it('shows a node without an agent', async () => {
    cluster.addNode('node-3')
    await opened.page.getByRole('link', { name: 'Policies', exact: true }).click()
    await opened.page.getByText(/^node-3: it has no agent$/).waitFor()
  })
})
