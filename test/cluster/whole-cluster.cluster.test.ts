// The tests are steps: they use the agent and the command that the first one has started.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { repositoryRoot } from '../vm/repository.ts'
import { ClusterTetra, type FollowingTetra, writeAccount } from './cluster-tetra.ts'
import { demoImage } from './images/cluster-images.ts'
import { inSystem, installAgent, removeAgent, sharedCluster } from './installation.ts'

const cluster = sharedCluster()
const tetra = new ClusterTetra(cluster)
/** Follows the events of the cluster. */
let following: FollowingTetra | undefined
after(() => following?.interrupt())

const allRunning = 'NODE        HEALTH\ntest-node   running\n'

/** Runs a command in the demo pod, and waits until its event is printed. */
async function seeEventOf(...command: readonly string[]): Promise<void> {
  await cluster.kubectl('exec', 'demo', '--', ...command)
  const line = `test-node 🚀 process default/demo /bin/${command.join(' ')}\n`
  await cluster.waitFor('an event', async () => following?.out.includes(line) === true)
}

test('tetra --cluster reaches the agents of all nodes', async () => {
  await installAgent(cluster, '--set', 'tetragon.hostProcPath=/procHost')
  const containers = [{ name: 'demo', image: demoImage, command: ['/bin/sleep', '3600'] }]
  const spec = { terminationGracePeriodSeconds: 0, containers }
  await cluster.apply({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'demo' }, spec })
  await cluster.kubectl('wait', 'pod/demo', '--for=condition=Ready', '--timeout=240s')
  const { stdout, stderr, exitCode } = await tetra.run('status')
  assert.deepEqual([stdout, stderr, exitCode], [allRunning, '', 0])
  const top = await tetra.run('top', '--once', '-i', '0.2s', '-l', '1')
  assert.match(top.stdout, /\nNODE +PID .*\ntest-node +\d+ /)
  // The connection is checked every ten seconds.
  const filter = ['--namespace', 'default', '--timeout', '10s']
  following = tetra.start('getevents', '-o', 'compact', ...filter)
  await cluster.waitFor('the start', async () => {
    return following?.err === 'tetra: following 1 of 1 node\n'
  })
  await seeEventOf('cat', '/etc/hostname')
})

test('it names the rights that its user lacks', async () => {
  const pods = { apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] }
  const exec = { apiGroups: [''], resources: ['pods/exec'], verbs: ['get', 'create'] }
  const accounts = { none: [], 'lists-pods': [pods], 'runs-commands': [pods, exec] }
  const results: string[] = []
  for (const [name, rules] of Object.entries(accounts)) {
    const kubeconfig = await writeAccount(cluster, name, rules)
    const { stdout, stderr } = await new ClusterTetra(cluster, kubeconfig).run('status')
    results.push(stdout + stderr)
  }
  const needs = (verbs: string, resource: string): string =>
    `403 .*; you need the verbs ${verbs} on ${resource} in the namespace kube-system\n$`
  const [none, lists, runs] = results
  const noList = `^tetra: list pods of kube-system: ${needs('list and watch', 'pods')}`
  assert.match(none, new RegExp(noList))
  const noExec = `^tetra: exec in pod tetragon-\\w+: ${needs('get and create', 'pods/exec')}`
  assert.match(lists, new RegExp(noExec))
  assert.equal(runs, allRunning)
})

test('it shows on how many nodes a policy is enabled', async () => {
  const policy = join(repositoryRoot, 'policies/network/tcp-connections.yaml')
  await cluster.kubectl('apply', '-f', policy)
  await cluster.waitFor('the policy', async () => {
    const { stdout } = await tetra.run('tracingpolicy', 'list')
    return /^NAME .*\nconnect +\(global\) +k8s +1\/1 +enabled /.test(stdout)
  })
  const { stdout } = await tetra.run('policyfilter', 'listpods', 'connect')
  assert.equal(stdout, 'the policy applies to all processes\n')
})

test('it survives the restart of an agent', async () => {
  const agents = ['pods', '-l', 'app.kubernetes.io/name=tetragon', ...inSystem]
  // A busy machine may have lost the node before: only what is printed from now on counts.
  await cluster.waitFor('the node', async () => !/missing: .*\n$/.test(following?.err ?? ''))
  const { length } = following?.err ?? ''
  await cluster.kubectl('delete', ...agents, '--grace-period=1')
  await cluster.waitFor('the return of the node', async () => {
    return /missing: node test-node: .* is back\n/s.test(following?.err.slice(length) ?? '')
  })
  await seeEventOf('cat', '/etc/resolv.conf')
  assert.equal(await following?.interrupt(), 0)
  const { err = '' } = following ?? {}
  following = undefined
  const restart = 'tetra: missing: node test-node: [^]+ is back\n'
  assert.match(err, new RegExp(`^tetra: following 1 of 1 node\n${restart}$`))
  // Each connection has a process in the pod.
  await cluster.waitFor('no command in the pod', async () => {
    const { stdout, exitCode } = await cluster.node.run(['ps', 'axww', '-o', 'args'])
    return exitCode === 0 && !/tetra\S* relay/.test(stdout)
  })
  await removeAgent(cluster)
})
