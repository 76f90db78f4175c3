// The second node of this cluster is a virtual machine with another kernel, its own kubelet and its
// own agent. Its processor is emulated: the file takes four minutes of two idle processors, so it
// runs with `--scale full` only. Starts the chart once; the tests are steps.

import assert from 'node:assert/strict'
import { release } from 'node:os'
import { after, test as step } from 'node:test'
import type { DistinctKernel } from '@tetragon-ts/api'
import { cachePath } from '../vm/repository.ts'
import { slowLimit } from './cluster.ts'
import { ClusterTetra } from './cluster-tetra.ts'
import { inSystem, installAgent, sharedCluster } from './installation.ts'
import { hooks, piecesOf, reportedKernels, warningsOf, writtenPieces } from './kernel-warnings.ts'
import { firstNode, secondNode } from './node/names.ts'
import { SecondVirtualNode } from './virtual-node/second-virtual-node.ts'

const cluster = sharedCluster()
let second: SecondVirtualNode | undefined
after(() => second?.end())

const skip = process.env.TEST_SCALE !== 'full' && 'it takes minutes: use --scale full'
const test = (name: string, run: () => Promise<void>) => step(name, { skip }, run)

test('a node with another kernel joins, and the operator gets both descriptions', async () => {
  const boot = async () => {
    second = await SecondVirtualNode.boot(cluster, '6.12', [cachePath('image', 'tetragon.tar')])
  }
  const values = ['tetragon.hostProcPath=/procHost', 'export.mode=']
  await Promise.all([boot(), installAgent(cluster, '--set', values.join())])
  // Each probe starts a command, which takes an emulated processor longer than the pause between.
  const probes = ['readinessProbe', 'livenessProbe'].map((name) => {
    return { op: 'remove', path: `/spec/template/spec/containers/0/${name}` }
  })
  const patch = ['--type=json', '-p', JSON.stringify(probes)]
  await cluster.kubectl('patch', ...inSystem, 'ds/tetragon', ...patch)
  await cluster.kubectl('rollout', 'status', ...inSystem, 'ds/tetragon', cluster.timeout(240))
  await second!.join()
  const areDescribed = async () => {
    const reported = await reportedKernels(cluster)
    const pieces = reported.reduce((sum, each) => sum + piecesOf(each), 0)
    return reported.length === 2 && (await writtenPieces(cluster)) === pieces
  }
  await cluster.waitFor('the descriptions of two kernels', areDescribed, slowLimit)
})

/** A file that no process may open. */
const forbidden = '/run/forbidden'
const refusesFile = {
  lsmhooks: [
    {
      hook: 'file_open',
      args: [{ index: 0, type: 'file' }],
      selectors: [
        {
          matchArgs: [{ index: 0, operator: 'Equal', values: [forbidden] }],
          matchActions: [{ action: 'Override', argError: -1 }],
        },
      ],
    },
  ],
}

/** The nodes that warnings name. */
function warnedNodes(output: string): readonly string[] {
  const found = output.matchAll(/^Warning: the policy does not work on nodes? (.*?) \(kernel /gm)
  return [...found].flatMap(([, names]) => names!.split(', ')).sort()
}

/** The nodes that fail to load a policy, once all have tried. */
async function failedNodes(name: string): Promise<readonly string[]> {
  let failed: readonly string[] = []
  await cluster.waitFor(`all nodes have tried ${name}`, async () => {
    const { status } = JSON.parse(await cluster.kubectl('get', 'tracingpolicy', name, '-o', 'json'))
    const { nodes, pending, enabled, errors = [] } = status ?? {}
    failed = errors.flatMap(({ nodeNames }: { nodeNames: readonly string[] }) => nodeNames).sort()
    return nodes === 2 && pending === 0 && enabled + failed.length === 2
  })
  return failed
}

test('a warning names the nodes where the policy then fails, and no other one', async () => {
  // Hosts differ: that of CI runs no LSM programs. Version 6.12 does, and lacks this call of 6.13.
  const policies = { refuses: refusesFile, newer: hooks('sys_setxattrat'), both: hooks('no_such') }
  const failing: Record<string, readonly string[]> = {}
  for (const [name, spec] of Object.entries(policies)) {
    const warned = warnedNodes(await warningsOf(cluster, name, spec))
    failing[name] = await failedNodes(name)
    assert.deepEqual(warned, failing[name], name)
  }
  const { refuses, newer, both } = failing
  assert.deepEqual(both, [firstNode.name, secondNode.name])
  assert.equal(refuses!.includes(secondNode.name), false)
  assert.equal(newer!.includes(secondNode.name), true)
  assert.ok(refuses!.length === 1 || newer!.length === 1, 'the kernels differ')
})

test('the policy is in force on the node where it works', async () => {
  const { node } = second!
  const read = ['sh', '-c', `echo seen > ${forbidden}.other; cat ${forbidden}.other`]
  assert.equal((await node.run(read)).stdout, 'seen\n')
  const { exitCode, stderr } = await node.run(['sh', '-c', `echo x > ${forbidden}`])
  assert.notEqual(exitCode, 0)
  assert.match(stderr, /Operation not permitted/)
})

test('tetra --cluster kernels lists both kernels with their nodes', async () => {
  const tetra = new ClusterTetra(cluster)
  const words = ['kernels', '-o', 'json', '--timeout', '10m']
  const { stdout, stderr, exitCode } = await tetra.run(...words)
  assert.deepEqual([stderr, exitCode], ['', 0])
  const found = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as DistinctKernel)
  assert.deepEqual(
    found.map(({ release, nodes }) => `${nodes.join()} ${release}`).sort(),
    [`${firstNode.name} ${release()}`, `${secondNode.name} ${second!.release}`].sort(),
  )
})
