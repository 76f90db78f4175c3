// Starts the chart once. The node has the kernel of this machine, which the agent describes.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { inSystem, installAgent, sharedCluster } from './installation.ts'
import {
  get,
  hooks,
  kernels,
  piecesOf,
  reportedKernels,
  warningsOf,
  writtenPieces,
} from './kernel-warnings.ts'

const cluster = sharedCluster()
const nodeName = () => cluster.kubectl('get', 'nodes', '-o', 'jsonpath={.items[0].metadata.name}')

test('the operator gets the description of the kernel from the agent', async () => {
  const options = ['tetragon.hostProcPath=/procHost', 'tetragonOperator.prometheus.enabled=true']
  await installAgent(cluster, '--set', options.join())
  await cluster.kubectl('rollout', 'status', ...inSystem, 'deploy/tetragon-operator')
  let kernel = ''
  await cluster.waitFor('a report that names the kernel', async () => {
    kernel = (await reportedKernels(cluster))[0] ?? ''
    return /^[0-9a-f]{64}\/\d+$/.test(kernel)
  })
  await cluster.waitFor('all pieces of the description', async () => {
    return (await writtenPieces(cluster)) === piecesOf(kernel)
  })
  const names = (await get(cluster, '{.items[*].metadata.name}', kernels)).split(' ')
  assert.ok(names.every((name) => name.startsWith(kernel.split('/')[0]!)))
})

test('kubectl apply warns about a node where a policy does not work, and names it', async () => {
  const node = await nodeName()
  const warning = new RegExp(
    `^Warning: the policy does not work on node ${node} \\(kernel [^)]+\\): .*no function does_not_exist`,
  )
  for (const namespaced of [false, true]) {
    const output = await warningsOf(cluster, 'bad', hooks('does_not_exist'), namespaced)
    assert.match(output, warning)
    assert.equal(output.match(/Warning:/g)?.length, 1)
  }
})

test('a policy that works on all nodes has no warning', async () => {
  assert.doesNotMatch(await warningsOf(cluster, 'good', hooks('sys_chdir')), /Warning: the policy/)
})

test('an agent cannot write a description that another one was asked for', async () => {
  const agent = 'system:serviceaccount:kube-system:tetragon'
  const can = (verb: string, ...what: string[]) =>
    cluster
      .tryKubectl(['auth', 'can-i', verb, ...what, ...inSystem, `--as=${agent}`])
      .then(({ stdout }) => stdout.trim())
  for (const verb of ['create', 'update', 'delete', 'list']) {
    assert.equal(await can(verb, kernels), 'no', verb)
  }
  assert.equal(await can('update', kernels, '--subresource=status'), 'yes')
  const [name] = (await get(cluster, '{.items[*].metadata.name}', kernels)).split(' ')
  const stored = await cluster.kubectl('get', ...inSystem, kernels, name, '-o', 'json')
  const changed = JSON.stringify({ ...JSON.parse(stored), status: { round: 1, data: 'eA==' } })
  const path = `/apis/cilium.io/v1alpha1/namespaces/kube-system/tracingpolicykernels/${name}/status`
  const file = join(cluster.folder, 'piece.json')
  writeFileSync(file, changed)
  const extra = '--as=system:serviceaccount:kube-system:tetragon'
  const { exitCode, stderr } = await cluster.tryKubectl([
    'replace',
    '--raw',
    path,
    '-f',
    file,
    extra,
  ])
  assert.notEqual(exitCode, 0)
  assert.match(stderr, /only descriptions that its pod was asked for: its token has none/)
})
