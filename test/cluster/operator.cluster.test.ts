// The tests are steps: they use the operator and the policies of the first one, in their order.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { versionLabel } from '@tetragon-ts/policy/crds'
import type { ProgramResult } from '@tetragon-ts/test/archives'
import { demoImage } from './images/cluster-images.ts'
import { chart, inSystem, removeAgent, sharedCluster } from './installation.ts'

const namespace = 'kube-system'
const account = `system:serviceaccount:${namespace}:tetragon-operator-service-account`
const names = ['tracingpolicies', 'tracingpoliciesnamespaced', 'podinfo']

const cluster = sharedCluster()

/** The output of `kubectl get` with a path. */
function get(path: string, ...what: readonly string[]): Promise<string> {
  return cluster.kubectl('get', ...what, '-o', `jsonpath=${path}`)
}

const versionOf = (name: string): Promise<string> =>
  get(`{.metadata.labels.${versionLabel.replaceAll('.', '\\.')}}`, 'crd', `${name}.cilium.io`)

/** A CRD as an older or a newer release would have installed it. */
function foreignCrd(plural: string, kind: string, scope: string, version: string): object {
  const openAPIV3Schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.cilium.io`, labels: { [versionLabel]: version, mine: 'kept' } },
    spec: {
      group: 'cilium.io',
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      scope,
      versions: [{ name: 'v1alpha1', served: true, storage: true, schema: { openAPIV3Schema } }],
    },
  }
}

async function startPod(name: string): Promise<void> {
  const container = { name: 'c', image: demoImage, command: ['/bin/sleep', '3600'] }
  await cluster.apply({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: name } },
    spec: { terminationGracePeriodSeconds: 0, containers: [container] },
  })
}

/** Waits for the PodInfo of a pod, and returns its address. */
async function addressOf(name: string): Promise<string> {
  let address = ''
  await cluster.waitFor(`the PodInfo of ${name}`, async () => {
    const path = 'jsonpath={.status.podIP}'
    address = (await cluster.tryKubectl(['get', 'podinfo', name, '-o', path])).stdout
    return address !== ''
  })
  return address
}

/** The schema of the CRD allows it. */
const invalid = { kprobes: [{ call: 'list:nothing', syscall: false }] }
const valid = { kprobes: [{ call: 'tcp_connect', syscall: false }] }

/** Runs `kubectl apply` with a policy; any exit code is accepted. */
function applyPolicy(name: string, spec: object): Promise<ProgramResult> {
  const manifest = { apiVersion: 'cilium.io/v1alpha1', kind: 'TracingPolicy', metadata: { name } }
  const file = join(cluster.folder, 'policy.json')
  writeFileSync(file, JSON.stringify({ ...manifest, spec }))
  return cluster.tryKubectl(['apply', '-f', file])
}

const webhook = ['validatingwebhookconfiguration', 'tetragon-operator-webhook'] as const

/** The certificates that the API server trusts. */
async function trusted(): Promise<string[]> {
  const bundle = Buffer.from(
    await get('{.webhooks[0].clientConfig.caBundle}', ...webhook),
    'base64',
  )
  return bundle.toString().split(/(?<=-----END CERTIFICATE-----\n)/)
}

/** The addresses of a service of the operator: of those replicas that are ready. */
async function endpointsOf(service: string): Promise<string[]> {
  const path = '{range .subsets[*]}{range .addresses[*]}{.ip} {end}{.ports[0].port}{end}'
  const words = (await get(path, ...inSystem, 'endpoints', service)).split(' ')
  return words.slice(0, -1).map((ip) => `${ip}:${words.at(-1)}`)
}

/** Asks one replica about an invalid policy, as the API server does. @returns status and body */
async function askWebhook(replica: string): Promise<string> {
  const object = {
    apiVersion: 'cilium.io/v1alpha1',
    kind: 'TracingPolicy',
    metadata: { name: 'bad' },
    spec: invalid,
  }
  const review = {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: { uid: '1', operation: 'CREATE', kind: { kind: object.kind }, name: 'bad', object },
  }
  const script = `const [replica, servername, ca, body] = process.argv.slice(1)
    const [host, port] = replica.split(':')
    require('node:https').request(
      { host, port, servername, ca, method: 'POST', path: '/validate/tracingpolicies',
        headers: { 'content-type': 'application/json' } },
      async (response) => {
        const text = Buffer.concat(await response.toArray()).toString()
        console.log(response.statusCode + ': ' + text)
      }).on('error', (error) => console.log(error.message)).end(body)`
  const name = `tetragon-operator-webhook.${namespace}.svc`
  const ca = (await trusted()).join('')
  const arguments_ = [script, replica, name, ca, JSON.stringify(review)]
  const environment = ['env', '-i', 'PATH=/usr/bin:/bin']
  return (await cluster.node.run([...environment, 'node', '-e', ...arguments_])).stdout
}

const holder = (): Promise<string> =>
  get('{.spec.holderIdentity}', ...inSystem, 'lease', 'tetragon-operator-resource-lock')

test('the operator installs CRDs: it upgrades older ones and keeps newer ones', async () => {
  await cluster.apply(foreignCrd('tracingpolicies', 'TracingPolicy', 'Cluster', '1.0.0'))
  await cluster.waitFor('a policy from before the webhook', async () => {
    return (await applyPolicy('old', invalid)).exitCode === 0
  })
  const kind = 'TracingPolicyNamespaced'
  await cluster.apply(foreignCrd('tracingpoliciesnamespaced', kind, 'Namespaced', '99.0.0'))
  const operator = {
    replicas: 2,
    'podInfo.enabled': true,
    'failoverLease.enabled': true,
    // Of the tests' own clock: a busy machine may need seconds for a request.
    'failoverLease.leaseDuration': '30s',
    'failoverLease.leaseRenewDeadline': '20s',
    'failoverLease.leaseRetryPeriod': '1s',
  }
  const values = Object.entries(operator).map(
    ([name, value]) => `tetragonOperator.${name}=${value}`,
  )
  const off = 'tetragon.enabled=false,tetragon.enableK8sAPI=false'
  await cluster.helm(
    'install',
    'tetragon',
    chart,
    ...inSystem,
    '--set',
    off,
    '--set',
    values.join(),
  )
  const rollout = ['rollout', 'status', ...inSystem, 'deploy/tetragon-operator', '--timeout=240s']
  assert.match(await cluster.kubectl(...rollout), /successfully rolled out/)
  await cluster.waitFor('the CRD of PodInfo', async () => {
    return (await cluster.tryKubectl(['get', 'tgpi'])).exitCode === 0
  })
  assert.match(await versionOf('podinfo'), /^\d+\.\d+\.\d+$/)
  assert.equal(await versionOf('tracingpolicies'), await versionOf('podinfo'))
  assert.equal(await versionOf('tracingpoliciesnamespaced'), '99.0.0')
  assert.equal(await get('{.metadata.labels.mine}', 'crd', 'tracingpolicies.cilium.io'), 'kept')
  assert.equal(await get('{.spec.names.shortNames[0]}', 'crd', 'tracingpolicies.cilium.io'), 'tgtp')
})

test('kubectl apply of an invalid policy is refused with the diagnostics', async () => {
  const { exitCode, stderr } = await applyPolicy('bad', invalid)
  assert.notEqual(exitCode, 0)
  assert.match(stderr, /admission webhook "tracingpolicies\.tetragon\.cilium\.io" denied/)
  const error = 'TracingPolicy bad: error: no list "nothing" in spec.lists (spec.kprobes[0].call)'
  assert.ok(stderr.includes(`denied the request: ${error} [POLICY_LIST]`), stderr)
  assert.notEqual((await cluster.tryKubectl(['get', 'tracingpolicy', 'bad'])).exitCode, 0)
  const accepted = await applyPolicy('good', { ...valid, options: [{ name: 'a', value: 'b' }] })
  assert.equal(accepted.exitCode, 0)
  assert.match(
    accepted.stderr,
    /Warning: TracingPolicy good: warning: .*\(spec\.options\[0\]\.name\)/,
  )
  assert.notEqual((await applyPolicy('good', invalid)).exitCode, 0)
})

test('an invalid policy from before can be labelled and deleted, but not made worse', async () => {
  const finalizer = '{"metadata":{"finalizers":["example.com/kept"]}}'
  const patch = ['patch', 'tracingpolicy', 'old', '--type=merge', '-p']
  await cluster.kubectl(...patch, finalizer)
  await cluster.kubectl('label', 'tracingpolicy', 'old', 'a=b')
  const worse = await cluster.tryKubectl([
    ...patch,
    '{"spec":{"options":[{"name":"a","value":"b"}]}}',
  ])
  await cluster.kubectl('delete', 'tracingpolicy', 'old', '--wait=false')
  await cluster.kubectl(...patch, '{"metadata":{"finalizers":null}}')
  assert.match(worse.stderr, /denied the request: .*\[POLICY_LIST\]/)
  assert.notEqual((await cluster.tryKubectl(['get', 'tracingpolicy', 'old'])).exitCode, 0)
})

test('each replica has its own certificate, and makes another when it is not trusted', async () => {
  const first = await trusted()
  assert.equal(first.length, 2)
  const remove = '[{"op":"remove","path":"/webhooks/0/clientConfig/caBundle"}]'
  await cluster.kubectl('patch', ...webhook, '--type=json', '-p', remove)
  await cluster.waitFor('new certificates of both', async () => (await trusted()).length >= 2)
  assert.deepEqual(
    (await trusted()).filter((each) => first.includes(each)),
    [],
  )
  // Until the API server uses the new certificates, it admits the policy. It is deleted then:
  // kubectl does not send what is there already.
  await cluster.waitFor('an invalid policy is refused', async () => {
    const { exitCode, stderr } = await applyPolicy('bad', invalid)
    if (exitCode === 0) await cluster.kubectl('delete', 'tracingpolicy', 'bad')
    return exitCode !== 0 && stderr.includes('denied the request')
  })
  // The API server asks any of them, and admits what it gets no answer to.
  const replicas = await endpointsOf('tetragon-operator-webhook')
  assert.equal(replicas.length, 2)
  for (const replica of replicas) {
    assert.match(await askWebhook(replica), /^200: .*"allowed":false.*\[POLICY_LIST\]/)
  }
})

test('PodInfo objects come and go with pods', async () => {
  await startPod('first')
  const address = await addressOf('first')
  assert.equal(address, await get('{.status.podIP}', 'pod', 'first'))
  const path =
    '{.metadata.labels.app} {.spec.nodeName} {.workloadType.kind} {.workloadObject.name} ' +
    '{.metadata.ownerReferences[0].uid}'
  const uid = await get('{.metadata.uid}', 'pod', 'first')
  assert.equal(await get(path, 'podinfo', 'first'), `first test-node Pod first ${uid}`)
  await cluster.kubectl('delete', 'pod', 'first')
  await cluster.waitFor('the PodInfo to disappear', async () => {
    return (await cluster.tryKubectl(['get', 'podinfo', 'first'])).exitCode !== 0
  })
})

test('another replica takes over when the leader is killed', async () => {
  const first = await holder()
  const [pod] = first.split('_')
  process.kill(processOf(pod!), 'SIGKILL')
  await startPod('second')
  await addressOf('second')
  const next = await holder()
  assert.notEqual(next, first)
  // The killed process returns with another identity, and has to wait.
  const path = `/api/v1/namespaces/${namespace}/pods/${next.split('_')[0]}:2113/proxy/metrics`
  const metrics = await cluster.kubectl('get', '--raw', path)
  assert.match(metrics, /^leader_election_master_status\{.*\} 1$/m)
  assert.match(metrics, /^controller_runtime_reconcile_total\{.*result="error"\} 0$/m)
})

/** The operator in a pod. */
function processOf(pod: string): number {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'latin1')
      const environment = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0')
      if (!command.includes('/usr/bin/tetragon-operator')) continue
      if (environment.includes(`HOSTNAME=${pod}`)) return Number(pid)
    } catch {
      // It has ended.
    }
  }
  throw new Error(`no process of the operator in ${pod}`)
}

test('the account of the operator may do what it needs, and nothing else', async () => {
  const crds = names.map((name) => `customresourcedefinitions/${name}.cilium.io`)
  const may = async (verb: string, what: string, ...where: readonly string[]): Promise<boolean> => {
    const question = ['auth', 'can-i', verb, what, '--as', account, ...where]
    return (await cluster.tryKubectl(question)).stdout.trim() === 'yes'
  }
  for (const crd of crds) {
    assert.ok(await may('update', crd))
    assert.ok(!(await may('delete', crd)))
  }
  assert.ok(await may('list', 'pods', '--all-namespaces'))
  const refused = [
    ['update', 'customresourcedefinitions/others.cilium.io'],
    ['create', 'pods'],
    ['delete', 'podinfo'],
    ['get', 'tracingpolicies'],
    ['list', 'secrets', ...inSystem],
    ['get', 'secrets', ...inSystem],
    ['create', 'secrets', ...inSystem],
    ['update', 'validatingwebhookconfigurations/other'],
    ['delete', 'validatingwebhookconfigurations/tetragon-operator-webhook'],
    ['update', 'leases/other', ...inSystem],
    ['create', 'leases', '--namespace', 'default'],
  ] as const
  for (const [verb, what, ...where] of refused) assert.ok(!(await may(verb, what, ...where)), what)
})

test('policies are admitted while no operator runs', async () => {
  const scale = ['scale', ...inSystem, 'deploy/tetragon-operator', '--replicas=0']
  await cluster.kubectl(...scale)
  await cluster.waitFor('no operator', async () => {
    return (await get('{.subsets}', ...inSystem, 'endpoints', 'tetragon-operator-webhook')) === ''
  })
  assert.equal((await applyPolicy('bad', invalid)).exitCode, 0)
})

test('the CRDs stay when the chart is removed', async () => {
  await removeAgent(cluster)
  for (const name of names) assert.notEqual(await versionOf(name), '')
})
