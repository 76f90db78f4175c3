// Starts the chart once. The node has the kernel of this machine, which the agent describes.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { ProgramResult } from '@tetragon-ts/test/archives'
import { inSystem, installAgent, sharedCluster } from './installation.ts'

const cluster = sharedCluster()
const get = (path: string, ...what: readonly string[]): Promise<string> =>
  cluster.kubectl('get', ...inSystem, ...what, '-o', `jsonpath=${path}`)
const nodeName = () => cluster.kubectl('get', 'nodes', '-o', 'jsonpath={.items[0].metadata.name}')
const nodeStatus = 'tracingpolicynodestatuses.cilium.io'
const kernels = 'tracingpolicykernels.cilium.io'

/** Runs `kubectl apply` with a policy that hooks this function; any exit code is accepted. */
function applyPolicy(name: string, call: string, namespaced = false): Promise<ProgramResult> {
  const file = join(cluster.folder, `${name}.json`)
  const kind = namespaced ? 'TracingPolicyNamespaced' : 'TracingPolicy'
  const metadata = namespaced ? { name, namespace: 'default' } : { name }
  const spec = { kprobes: [{ call, syscall: call.startsWith('sys_') }] }
  writeFileSync(file, JSON.stringify({ apiVersion: 'cilium.io/v1alpha1', kind, metadata, spec }))
  return cluster.tryKubectl(['apply', '-f', file])
}

test('the operator gets the description of the kernel from the agent', async () => {
  const options = ['tetragon.hostProcPath=/procHost', 'tetragonOperator.prometheus.enabled=true']
  await installAgent(cluster, '--set', options.join())
  await cluster.kubectl('rollout', 'status', ...inSystem, 'deploy/tetragon-operator')
  const annotation = '{.items[*].metadata.annotations.tetragon\\.cilium\\.io/kernel}'
  await cluster.waitFor('a report that names the kernel', async () => {
    return /^[0-9a-f]{64}\/\d+$/.test(await get(annotation, nodeStatus))
  })
  const [hash, size] = (await get(annotation, nodeStatus)).split('/')
  const pieces = Math.ceil(Number(size) / (1 << 18))
  await cluster.waitFor('all pieces of the description', async () => {
    const rounds = await get('{.items[*].status.round}', kernels)
    return rounds.split(' ').filter((round) => round === '1').length === pieces
  })
  const names = (await get('{.items[*].metadata.name}', kernels)).split(' ')
  assert.ok(names.every((name) => name.startsWith(hash)))
})

/** The warnings of the first `kubectl apply` that a busy machine has checked in time. */
async function warningsOf(name: string, call: string, namespaced = false): Promise<string> {
  let output = ''
  const kind = namespaced ? 'tracingpolicynamespaced' : 'tracingpolicy'
  await cluster.waitFor(`a check of policy ${name}`, async () => {
    await cluster.tryKubectl(['delete', kind, name])
    const { exitCode, stderr } = await applyPolicy(name, call, namespaced)
    assert.equal(exitCode, 0, 'it is a warning only')
    output = stderr
    return !stderr.includes('was not checked')
  })
  return output
}

test('kubectl apply warns about a node where a policy does not work, and names it', async () => {
  const node = await nodeName()
  const warning = new RegExp(
    `^Warning: the policy does not work on node ${node} \\(kernel [^)]+\\): .*no function does_not_exist`,
  )
  for (const namespaced of [false, true]) {
    const output = await warningsOf('bad', 'does_not_exist', namespaced)
    assert.match(output, warning)
    assert.equal(output.match(/Warning:/g)?.length, 1)
  }
})

test('a policy that works on all nodes has no warning', async () => {
  assert.doesNotMatch(await warningsOf('good', 'sys_chdir'), /Warning: the policy/)
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
  const [name] = (await get('{.items[*].metadata.name}', kernels)).split(' ')
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
