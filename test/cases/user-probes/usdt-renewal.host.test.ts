import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { RunningAgent } from '@tetragon-ts/agent/testing'
import { TestClient } from '@tetragon-ts/agent/testing/client'
import type { TracingPolicyStatus } from '@tetragon-ts/api'
import { workload } from '../../workloads/index.ts'

let agent: RunningAgent
let client: TestClient
before(async () => {
  agent = await RunningAgent.start('--tracing-policy-dir', '')
  client = new TestClient((await agent.serving()).replace('unix://', 'unix:'))
})
after(async () => {
  client?.close()
  await agent?.remove()
})

async function list(): Promise<readonly TracingPolicyStatus[]> {
  const { policies = [] } = (await client.call('ListTracingPolicies')) as {
    policies?: TracingPolicyStatus[]
  }
  return policies
}

it('clients keep a policy that is compiled again for a file', async () => {
  const path = join(agent.folder, 'probed')
  const yaml = `
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata:
  name: renewed
spec:
  usdts:
  - {path: ${path}, provider: probes, name: counted, args: [{index: 0, type: int}]}
`
  await client.call('AddTracingPolicy', { yaml })
  const hook = async () => (await list())[0].hook_statuses?.[0].hook_description ?? ''
  assert.match(await hook(), /attached to no file yet/)
  copyFileSync(await workload('static-probes'), path)
  while (/attached to no file yet/.test(await hook())) await sleep(20)
  const counter = () => spawnSync(path, ['counted', '5']).stdout.toString()
  assert.equal(counter(), '1\n')
  const [{ stats, state }] = await list()
  assert.equal(state, 'TP_STATE_ENABLED')
  assert.equal(String(stats?.action_counters?.post), '1')
  await client.call('DeleteTracingPolicy', { name: 'renewed' })
  assert.deepEqual(await list(), [])
  while (counter() !== '0\n') await sleep(20)
})
