import assert from 'node:assert/strict'
import { test } from 'node:test'
import { demoImage } from './images/cluster-images.ts'
import { sharedCluster } from './installation.ts'

const cluster = sharedCluster()

const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'demo' },
  spec: {
    restartPolicy: 'Never',
    containers: [{ name: 'demo', image: demoImage, command: ['echo', 'hello from a pod'] }],
  },
}

test('the node is ready', async () => {
  const nodes = await cluster.kubectl('get', 'nodes', '--no-headers')
  assert.match(nodes, /^test-node\s+Ready\s.*v1\.20\.2\n$/)
})

test('a pod runs and its log is readable', async () => {
  await cluster.apply(pod)
  await cluster.waitFor('the pod has ended', async () => {
    const phase = ['get', 'pod', 'demo', '-o', 'jsonpath={.status.phase}']
    return (await cluster.kubectl(...phase)) === 'Succeeded'
  })
  assert.equal(await cluster.kubectl('logs', 'demo'), 'hello from a pod\n')
})

test('the API answers pods at the address of its service', async () => {
  const wget = ['wget', '--no-check-certificate', '-q', '-O', '-', 'https://10.96.0.1/version']
  const container = { name: 'client', image: demoImage, command: wget }
  const spec = { restartPolicy: 'Never', containers: [container] }
  await cluster.apply({ ...pod, metadata: { name: 'client' }, spec })
  await cluster.waitFor('the client got an answer', async () => {
    const logs = await cluster.tryKubectl(['logs', 'client'])
    return logs.stdout.includes('"gitVersion": "v1.20.2"')
  })
})
