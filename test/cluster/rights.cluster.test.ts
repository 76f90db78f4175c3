// The tests are steps: they use the chart and the policy of the first two.

import assert from 'node:assert/strict'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { cachePath, repositoryRoot } from '../vm/repository.ts'
import { inSystem, installAgent, sharedCluster } from './installation.ts'
import { rightsPage } from './rights/page.ts'
import { listeningPorts } from './rights/ports.ts'
import { processOfProgram } from './scenarios/node-processes.ts'
import { policyStates, selectingPolicy, waitForPolicies } from './scenarios/selecting-policy.ts'
import { tetraFolder } from './walk-through/node-files.ts'

const cluster = sharedCluster()
const page = 'docs/reference/rbac.md'
const visitor = '--as=system:serviceaccount:default:visitor'

/** All that the chart may give rights to. */
const options = [
  'tetragon.hostProcPath=/procHost',
  'tetragonOperator.podInfo.enabled=true',
  'tetragonOperator.failoverLease.enabled=true',
  'tetragonOperator.prometheus.enabled=true',
]

test('the accounts of the chart have the rights of the documentation', async () => {
  await installAgent(cluster, '--set', options.join())
  await cluster.kubectl('rollout', 'status', ...inSystem, 'deploy/tetragon-operator')
  const names = await cluster.kubectl(
    ...['get', 'serviceaccounts', ...inSystem, '-l', 'app.kubernetes.io/managed-by=Helm'],
    ...['-o', 'jsonpath={.items[*].metadata.name}'],
  )
  const accounts = await Promise.all(
    names.split(' ').map(async (name) => {
      const account = `--as=system:serviceaccount:kube-system:${name}`
      return { name, list: await cluster.kubectl('auth', 'can-i', '--list', ...inSystem, account) }
    }),
  )
  const common = await cluster.kubectl('auth', 'can-i', '--list', visitor)
  const text = rightsPage(accounts, common)
  const actual = cachePath('results', 'rbac.md')
  await mkdir(cachePath('results'), { recursive: true })
  await writeFile(actual, text)
  const documented = await readFile(join(repositoryRoot, page), 'utf8').catch(() => '')
  assert.equal(documented, text, `if the change is right: cp ${actual} ${page}`)
})

test('an account without rights cannot change policies in the API server', async () => {
  await cluster.apply(selectingPolicy('guarded'))
  await waitForPolicies(cluster, ['guarded'])
  await cluster.kubectl('create', 'serviceaccount', 'visitor')
  const file = join(cluster.folder, 'visitor.json')
  await writeFile(file, JSON.stringify(selectingPolicy('intruder')))
  const agent = await cluster.kubectl(
    ...['get', 'pods', ...inSystem, '-l', 'app.kubernetes.io/name=tetragon'],
    ...['-o', 'jsonpath={.items[0].metadata.name}'],
  )
  const pod = `/api/v1/namespaces/kube-system/pods/${agent}`
  const attempts = [
    ['apply', '-f', file],
    ['delete', 'tracingpolicy', 'guarded'],
    ['label', 'tracingpolicy', 'guarded', 'a=b'],
    ['patch', 'tracingpolicy', 'guarded', '--type=merge', '-p', '{"spec":null}'],
    ['exec', ...inSystem, agent, '-c', 'tetragon', '--', 'tetra', 'status'],
    ['port-forward', ...inSystem, agent, '12345:2112'],
    ['delete', ...inSystem, 'pod', agent],
    ['delete', ...inSystem, 'daemonset', 'tetragon'],
    // kubectl reads the pod first, which is refused already.
    ['create', '--raw', `${pod}/exec?container=tetragon&command=tetra`, '-f', file],
    ['create', '--raw', `${pod}/portforward?ports=2112`, '-f', file],
    ['create', '--raw', `${pod}/eviction`, '-f', file],
    ['get', '--raw', '/api/v1/nodes/test-node/proxy/pods'],
    ['patch', ...inSystem, 'configmap', 'tetragon-config', '--type=merge', '-p', '{"data":null}'],
  ]
  for (const attempt of attempts) {
    const { exitCode, stderr } = await cluster.tryKubectl([visitor, ...attempt])
    assert.notEqual(exitCode, 0, attempt.join(' '))
    assert.match(stderr, /Forbidden|forbidden/, attempt.join(' '))
  }
})

/** Runs a program on the node. @returns its exit code and output */
async function onNode(...command: readonly string[]): Promise<string> {
  const environment = ['env', '-i', 'PATH=/usr/bin:/bin']
  const { exitCode, stdout, stderr } = await cluster.node.run([...environment, ...command])
  return `${exitCode}: ${stdout}${stderr}`
}

test('no port of the node and of pods changes a policy', async () => {
  const address = await cluster.kubectl(
    ...['get', 'pods', ...inSystem, '-l', 'app.kubernetes.io/name=tetragon-operator'],
    ...['-o', 'jsonpath={.items[0].status.podIP}'],
  )
  const ports: string[] = []
  for (const [program, host] of [
    ['agent', '127.0.0.1'],
    ['operator', address],
  ] as const) {
    const pid = await processOfProgram(cluster, program)
    const found = await listeningPorts(cluster, pid!)
    assert.ok(found.length >= 2, program)
    ports.push(...found.map((port) => `${host}:${port}`))
  }
  const policy = join('/tmp', 'intruder.json')
  await writeFile(join(cluster.folder, 'node', policy), JSON.stringify(selectingPolicy('intruder')))
  const methods = ['POST', 'PUT', 'PATCH', 'DELETE']
  const request = `Promise.all(process.argv.slice(2).map(async (method) => {
    const answer = await fetch(process.argv[1], { method }).catch(() => undefined)
    return answer === undefined ? 'none' : answer.status
  })).then((all) => console.log(all.join()))`
  for (const port of ports) {
    const tetra = ['node', join(tetraFolder, 'tetra'), '--server-address', port, '--timeout', '5s']
    for (const change of [
      ['add', policy],
      ['delete', 'guarded'],
      ['disable', 'guarded'],
    ]) {
      assert.match(await onNode(...tetra, 'tracingpolicy', ...change), /^[1-9]/, port)
    }
    const answers = await onNode('node', '-e', request, `http://${port}/`, ...methods)
    assert.match(answers, /^0: (?:(?:none|40[045]),?){4}\n$/, port)
  }
  assert.deepEqual([...(await policyStates(cluster))!], [['guarded', 'ENABLED']])
})

/** Runs a program as a user without privileges. */
const asNobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']

test('a user of the node without privileges does not reach the agent', async () => {
  const tetra = ['node', join(tetraFolder, 'tetra'), 'tracingpolicy', 'disable', 'guarded']
  assert.match(await onNode(...asNobody, ...tetra), /^1: .*(?:EACCES|permission denied)/i)
  const state = ['cat', '/run/tetragon/k8s-policies.json']
  await cluster.waitFor('the saved policies', async () => {
    return (await onNode(...state)).startsWith('0: {')
  })
  assert.match(await onNode(...asNobody, ...state), /^1: .*Permission denied/)
})

test('a pod without privileges does not reach the agent', async () => {
  const path = 'jsonpath={.spec.template.spec.containers[?(@.name=="tetragon")].image}'
  const image = await cluster.kubectl('get', ...inSystem, 'ds', 'tetragon', '-o', path)
  const container = {
    name: 'main',
    image,
    command: ['tetra', 'tracingpolicy', 'disable', 'guarded'],
    imagePullPolicy: 'Never',
    securityContext: { runAsUser: 65534, runAsGroup: 65534 },
    volumeMounts: [{ name: 'run', mountPath: '/var/run/tetragon' }],
  }
  const volume = { name: 'run', hostPath: { path: '/run/tetragon' } }
  await cluster.apply({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'visitor' },
    spec: { containers: [container], volumes: [volume], restartPolicy: 'Never' },
  })
  await cluster.waitFor('the pod has ended', async () => {
    const phase = ['get', 'pod', 'visitor', '-o', 'jsonpath={.status.phase}']
    return (await cluster.kubectl(...phase)) === 'Failed'
  })
  assert.match(await cluster.kubectl('logs', 'visitor'), /EACCES|permission denied/i)
  assert.deepEqual([...(await policyStates(cluster))!], [['guarded', 'ENABLED']])
})
