// The tests are steps: they use the agent, the pod and the policy of earlier ones.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { demoImage } from './images/cluster-images.ts'
import { chart, inSystem, installAgent, removeAgent, sharedCluster } from './installation.ts'
import { waitForPolicies } from './scenarios/selecting-policy.ts'

const cluster = sharedCluster()

/** Folders of agents with pins. The agent has mounted the file system: the node has none. */
async function generations(): Promise<string[]> {
  const { stdout } = await cluster.node.run(['ls', '/sys/fs/bpf/tetragon'])
  return stdout
    .toString()
    .split('\n')
    .filter((name) => name !== '')
}

/** How often the pod has changed to the forbidden folder so far. */
async function passed(): Promise<number> {
  const lines = (await cluster.kubectl('logs', 'changing')).split('\n')
  return lines.filter((line) => line === 'passed').length
}

/** Whether the pod still changes folders. */
async function passes(): Promise<boolean> {
  const first = await passed()
  await cluster.kubectl('exec', 'changing', '--', 'sleep', '2')
  return (await passed()) > first
}

const rollout = async () => {
  // The kubelet of 1.20 needs minutes to remove a pod on a busy machine.
  await cluster.kubectl('rollout', 'status', ...inSystem, 'ds/tetragon', '--timeout=10m')
}

test('an agent that keeps its programs has a policy that kills', async () => {
  const values = 'tetragon.enableKeepSensorsOnExit=true,tetragon.hostProcPath=/procHost'
  await installAgent(cluster, '--set', values)
  const script = 'while :; do (cd /forbidden; echo passed); sleep 0.1; done'
  await cluster.apply({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'changing' },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'main', image: demoImage, command: ['/bin/sh', '-c', script] }],
    },
  })
  await cluster.kubectl('wait', 'pod/changing', '--for=condition=Ready', '--timeout=240s')
  assert.ok(await passes())
  await cluster.apply({
    apiVersion: 'cilium.io/v1alpha1',
    kind: 'TracingPolicy',
    metadata: { name: 'kept' },
    spec: {
      kprobes: [
        {
          call: 'sys_chdir',
          syscall: true,
          args: [{ index: 0, type: 'string' }],
          selectors: [
            {
              matchArgs: [{ index: 0, operator: 'Equal', values: ['/forbidden'] }],
              matchActions: [{ action: 'Sigkill' }],
            },
          ],
        },
      ],
    },
  })
  // A busy machine may be quiet for two seconds without the policy, too.
  await waitForPolicies(cluster, ['kept'])
  await cluster.waitFor('the policy in force', async () => !(await passes()))
})

test('it holds while the agent is deleted, starts again and is upgraded', async () => {
  const before = await passed()
  const selector = ['-l', 'app.kubernetes.io/name=tetragon']
  await cluster.kubectl('delete', 'pod', ...inSystem, ...selector, '--force', '--grace-period=0')
  await rollout()
  const options = ['--reuse-values', '--set', 'podAnnotations.upgraded=yes']
  await cluster.helm('upgrade', 'tetragon', chart, ...inSystem, ...options)
  await rollout()
  assert.equal(await passed(), before)
  await cluster.waitFor('one generation of pins', async () => {
    const names = await generations()
    return names.length === 1 && names[0].startsWith('active-')
  })
})

test('it ends with the policy, and nothing stays without the value', async () => {
  await cluster.kubectl('delete', 'tracingpolicy', 'kept')
  await cluster.waitFor('the end of the policy', passes)
  const options = ['--reuse-values', '--set', 'tetragon.enableKeepSensorsOnExit=false']
  await cluster.helm('upgrade', 'tetragon', chart, ...inSystem, ...options)
  await rollout()
  assert.deepEqual(await generations(), [])
  await removeAgent(cluster)
})
