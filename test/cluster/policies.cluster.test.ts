// The tests are steps: they use the agent of the first one, and policies of earlier ones.

import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { repositoryRoot } from '../vm/repository.ts'
import { demoImage } from './images/cluster-images.ts'
import {
  chart,
  exportedEvents,
  inSystem,
  installAgent,
  sharedCluster,
  waitForKinds,
} from './installation.ts'
import { serviceAddress } from './node/names.ts'

const inAgent = ['exec', ...inSystem, 'ds/tetragon', '-c', 'tetragon', '--'] as const

const cluster = sharedCluster()

/** The fields that the tests read. */
interface Event {
  readonly process_kprobe?: {
    readonly policy_name: string
    readonly message?: string
    readonly args?: readonly { readonly string_arg?: string }[]
  }
  readonly time: string
}

interface Status {
  readonly name: string
  /** Absent for a policy of all namespaces. */
  readonly namespace?: string
  readonly domain: string
  readonly state: string
  readonly error?: string
}

const policyPlurals = ['tracingpolicies', 'tracingpoliciesnamespaced']

/** A policy that reports changes of the working folder to one below `folder`. */
function policy(name: string, folder: string, spec: object = {}, message = 'cd'): object {
  const hook = {
    call: 'sys_chdir',
    syscall: true,
    message,
    args: [{ index: 0, type: 'string' }],
    selectors: [{ matchArgs: [{ index: 0, operator: 'Prefix', values: [folder] }] }],
  }
  return {
    apiVersion: 'cilium.io/v1alpha1',
    kind: 'TracingPolicy',
    metadata: { name },
    spec: { kprobes: [hook], ...spec },
  }
}

/** Runs a command in the demo pod; `cd` to a missing folder is a system call, too. */
const inPod = (script: string) => cluster.kubectl('exec', 'demo', '--', 'sh', '-c', script)

/** The hook events of a policy. */
async function eventsOf(name: string): Promise<Event[]> {
  const events = await exportedEvents<Event>(cluster)
  return events.filter(({ process_kprobe }) => process_kprobe?.policy_name === name)
}

const foldersOf = (events: readonly Event[]) =>
  events.map(({ process_kprobe }) => process_kprobe?.args?.[0]?.string_arg)

/** All policies by name or `namespace/name`; undefined while the agent does not answer. */
async function policies(): Promise<Map<string, Status> | undefined> {
  const command = [...inAgent, 'tetra', 'tracingpolicy', 'list', '-o', 'json']
  const { exitCode, stdout } = await cluster.tryKubectl(command)
  if (exitCode !== 0) return undefined
  const { policies = [] } = JSON.parse(stdout) as { readonly policies?: readonly Status[] }
  return new Map(policies.map((each) => [titleOf(each), each]))
}

const titleOf = ({ namespace, name }: Status) => (namespace ? `${namespace}/${name}` : name)

/** `enabled`, for example; undefined for a policy that is not listed. */
const stateOf = async (name: string) =>
  (await policies())?.get(name)?.state.replace('TP_STATE_', '').toLowerCase()

async function waitForState(name: string, state: string | undefined): Promise<void> {
  await cluster.waitFor(`policy ${name} is ${state}`, async () => (await stateOf(name)) === state)
}

test('the agent waits for the CRDs, and for nothing else', async () => {
  const only = { event_set: ['PROCESS_KPROBE'] }
  const values = join(cluster.folder, 'values.yaml')
  const tetragon = { hostProcPath: '/procHost', exportAllowList: JSON.stringify(only) }
  await writeFile(values, JSON.stringify({ tetragon, crds: { installMethod: 'none' } }))
  await installAgent(cluster, '-f', values)
  const kinds = [...policyPlurals, 'tracingpolicynodestatuses']
  const files = kinds.map((kind) => join(repositoryRoot, `deploy/crds/cilium.io_${kind}.yaml`))
  await cluster.kubectl('create', ...files.flatMap((file) => ['-f', file]))
  await waitForKinds(cluster, kinds)
  await cluster.apply({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'demo' },
    spec: { containers: [{ name: 'demo', image: demoImage, command: ['sleep', '100000'] }] },
  })
  await cluster.kubectl('wait', 'pod/demo', '--for=condition=Ready', '--timeout=240s')
})

test('the account of the agent can read policies and nodes, and write its report', async () => {
  const account = '--as=system:serviceaccount:kube-system:tetragon'
  const can = async (verb: string, resource: string) =>
    (await cluster.tryKubectl(['auth', 'can-i', verb, resource, '-A', account])).stdout.trim()
  for (const resource of ['tracingpolicies', 'tracingpoliciesnamespaced', 'nodes', 'pods']) {
    const full = resource.startsWith('tracing') ? `${resource}.cilium.io` : resource
    for (const verb of ['list', 'watch'])
      assert.equal(await can(verb, full), 'yes', `${verb} ${full}`)
    for (const verb of ['create', 'update', 'patch', 'delete']) {
      assert.equal(await can(verb, full), 'no', `${verb} ${full}`)
    }
  }
  assert.equal(await can('list', 'secrets'), 'no')
  const inNamespace = async (verb: string, resource: string, namespace: string) => {
    const question = ['auth', 'can-i', verb, resource, '--namespace', namespace, account]
    return (await cluster.tryKubectl(question)).stdout.trim()
  }
  const reports = 'tracingpolicynodestatuses.cilium.io'
  for (const verb of ['create', 'get', 'update']) {
    assert.equal(await inNamespace(verb, reports, 'kube-system'), 'yes', verb)
    assert.equal(await inNamespace(verb, reports, 'default'), 'no', verb)
  }
  assert.equal(await inNamespace('delete', reports, 'kube-system'), 'no')
  const status = ['tracingpolicies.cilium.io', '--subresource=status', '-A', account]
  assert.equal(
    (await cluster.tryKubectl(['auth', 'can-i', 'update', ...status])).stdout.trim(),
    'no',
  )
})

test('an applied policy has events, and none after it was deleted', async () => {
  await cluster.apply(policy('first', '/first'))
  await cluster.waitFor('an event of the policy', async () => {
    await inPod('cd /first/a; true')
    return foldersOf(await eventsOf('first')).includes('/first/a')
  })
  assert.equal((await policies())?.get('first')?.domain, 'k8s')
  await cluster.kubectl('delete', 'tracingpolicy', 'first')
  await waitForState('first', undefined)
  await inPod('cd /first/b; true')
  await cluster.apply(policy('second', '/first'))
  await cluster.waitFor('an event of the next policy', async () => {
    await inPod('cd /first/c; true')
    return foldersOf(await eventsOf('second')).includes('/first/c')
  })
  assert.ok(!foldersOf(await eventsOf('first')).includes('/first/b'))
})

test('an edited policy has its new behaviour, without a gap', async () => {
  await cluster.apply(policy('edited', '/gap/', {}, 'version 0'))
  await waitForState('edited', 'enabled')
  const count = 1000
  const loop = `i=0; while [ $i -lt ${count} ]; do cd /gap/$i; usleep 2000; i=$((i+1)); done`
  let isOver = false
  const running = inPod(`(${loop}) 2>/dev/null; true`).finally(() => {
    isOver = true
  })
  let version = 0
  while (!isOver) await cluster.apply(policy('edited', '/gap/', {}, `version ${++version}`))
  await running
  const wanted = Array.from({ length: count }, (_, i) => `/gap/${i}`)
  let events: Event[] = []
  await cluster.waitFor('all events', async () => {
    events = await eventsOf('edited')
    return foldersOf(events).includes(wanted.at(-1))
  })
  assert.deepEqual(foldersOf(events), wanted)
  const versions = new Set(events.map(({ process_kprobe }) => process_kprobe?.message))
  assert.ok(versions.size > 1, [...versions].join())
  console.log(`${count} events during ${version} edits, of ${versions.size} versions`)
})

test('a policy that cannot be loaded shows its error, and affects no other', async () => {
  const hook = { call: 'no_such_function', syscall: false }
  await cluster.apply(policy('broken', '/', { kprobes: [hook] }))
  await waitForState('broken', 'load_error')
  const error = (await policies())?.get('broken')?.error ?? ''
  assert.match(
    error,
    /TracingPolicy broken: error: .*no_such_function.*\(spec\.kprobes\[0\]\.call\)/,
  )
  const call = 'jsonpath={.spec.kprobes[0].call}'
  assert.equal(await cluster.kubectl('get', 'tgtp', 'broken', '-o', call), hook.call)
  assert.equal(await stateOf('edited'), 'enabled')
  await cluster.apply(policy('broken', '/correct'))
  await waitForState('broken', 'enabled')
  await cluster.kubectl('delete', 'tracingpolicy', 'broken')
  await waitForState('broken', undefined)
})

test('namespaced policies of the same name are separate', async () => {
  const inNamespace = (namespace: string) => ({
    ...policy('spaced', '/spaced'),
    kind: 'TracingPolicyNamespaced',
    metadata: { name: 'spaced', namespace },
  })
  await cluster.apply(inNamespace('default'))
  await cluster.apply(inNamespace('kube-public'))
  for (const namespace of ['default', 'kube-public']) {
    await waitForState(`${namespace}/spaced`, 'enabled')
  }
  await inPod('cd /spaced/a; true')
  await cluster.kubectl('delete', 'tgtpn', 'spaced', '--namespace', 'default')
  await waitForState('default/spaced', undefined)
  assert.equal(await stateOf('kube-public/spaced'), 'enabled')
  await inPod('cd /spaced/b; true')
  await cluster.kubectl('delete', 'tgtpn', 'spaced', '--namespace', 'kube-public')
  await waitForState('kube-public/spaced', undefined)
  await inPod('cd /gap/last; true')
  await cluster.waitFor('a later event', async () =>
    foldersOf(await eventsOf('edited')).includes('/gap/last'),
  )
  assert.deepEqual(foldersOf(await eventsOf('spaced')), ['/spaced/a'])
})

test('every legal name and large policies are accepted', async () => {
  const longest = `${'a'.repeat(60)}.${'b-1'.repeat(20)}.${'c'.repeat(60)}.${'0'.repeat(60)}.last`
  await cluster.apply(policy(longest, '/longest'))
  await waitForState(longest, 'enabled')
  const values = Array.from({ length: 50_000 }, (_, i) => `function_${i}`)
  const file = join(cluster.folder, 'large.json')
  const lists = [{ name: 'many', values }]
  await writeFile(file, JSON.stringify(policy('large', '/large', { lists })))
  await cluster.kubectl('create', '-f', file)
  await waitForState('large', 'enabled')
  await cluster.kubectl('delete', 'tracingpolicy', longest, 'large')
  await waitForState('large', undefined)
  await waitForState(longest, undefined)
})

test('a nodeSelector follows the labels of the node', async () => {
  const nodeSelector = { matchExpressions: [{ key: 'zone', operator: 'In', values: ['a'] }] }
  await cluster.apply(policy('in-zone', '/zone', { nodeSelector }))
  await waitForState('in-zone', 'skipped')
  await cluster.kubectl('label', 'node', 'test-node', 'zone=a')
  await waitForState('in-zone', 'enabled')
  await cluster.kubectl('label', 'node', 'test-node', 'zone=b', '--overwrite')
  await waitForState('in-zone', 'skipped')
})

/** The columns of `kubectl get` after the name, without the age. */
async function columnsOf(...what: readonly string[]): Promise<string> {
  const line = await cluster.kubectl('get', ...what, '--no-headers')
  return line.trim().split(/\s+/).slice(1, -1).join(' ')
}

async function waitForColumns(columns: string, ...what: readonly string[]): Promise<void> {
  let last = ''
  await cluster
    .waitFor(`kubectl get ${what.join(' ')}: ${columns}`, async () => {
      last = await columnsOf(...what)
      return last === columns
    })
    .catch((error: unknown) => {
      throw new Error(`it shows ${last}`, { cause: error })
    })
}

test('kubectl shows on how many nodes a policy is enabled, failed or skipped', async () => {
  const head = await cluster.kubectl('get', 'tracingpolicies')
  assert.match(head, /^NAME +ENABLED +FAILED +SKIPPED +PENDING +AGE\n/)
  await waitForColumns('1 0 0 0', 'tracingpolicy', 'edited')
  await waitForColumns('0 0 1 0', 'tracingpolicy', 'in-zone')
  const hook = { call: 'no_such_function', syscall: false }
  await cluster.apply(policy('status', '/', { kprobes: [hook] }))
  await waitForColumns('0 1 0 0', 'tracingpolicy', 'status')
  const shown = await cluster.kubectl('describe', 'tracingpolicy', 'status')
  assert.match(shown, /Errors:\n +Message: +.*no_such_function.*\n/)
  assert.match(shown, /Node Names:\n +test-node\n +Nodes: +1\n +Path: +spec\.kprobes\[0\]\.call\n/)
  assert.match(shown, /Message: +enabled on 0 of 1 selected nodes; failed on 1: .*no_such/)
  await cluster.apply(policy('status', '/correct'))
  const wait = ['wait', 'tracingpolicy/status', '--for=condition=Enabled', '--timeout=60s']
  assert.match(await cluster.kubectl(...wait), /condition met/)
  await waitForColumns('1 0 0 0', 'tracingpolicy', 'status')
  const generations = 'jsonpath={.metadata.generation} {.status.observedGeneration}'
  assert.equal(await cluster.kubectl('get', 'tgtp', 'status', '-o', generations), '2 2')
  const disable = ['tracingpolicy', 'disable', '--domain', 'k8s', 'status']
  await cluster.kubectl(...inAgent, 'tetra', ...disable)
  const disabled = ['get', 'tgtp', 'status', '-o', 'jsonpath={.status.disabled}']
  await cluster.waitFor('the disabled policy', async () => {
    return (await cluster.kubectl(...disabled)) === '1'
  })
  await cluster.kubectl('delete', 'tracingpolicy', 'status')
})

test('the status of a namespaced policy is shown in its namespace', async () => {
  const metadata = { name: 'status', namespace: 'default' }
  const kind = 'TracingPolicyNamespaced'
  await cluster.apply({ ...policy('status', '/spaced'), kind, metadata })
  await waitForColumns('1 0 0 0', 'tracingpolicynamespaced', 'status')
  await cluster.kubectl('delete', 'tracingpolicynamespaced', 'status')
})

test('the report of an agent belongs to its pod', async () => {
  const owner = '{.items[*].metadata.name} {.items[*].metadata.ownerReferences[0].uid}'
  const reports = await cluster.kubectl('get', 'tgtpns', '-A', '-o', `jsonpath=${owner}`)
  assert.equal(reports, await ofAgent('{.items[0].metadata.name} {.items[0].metadata.uid}'))
})

/** Fields of the pods of agents. */
const ofAgent = (path: string): Promise<string> => {
  const pods = ['pods', '-l', 'app.kubernetes.io/name=tetragon', ...inSystem]
  return cluster.kubectl('get', ...pods, '-o', `jsonpath=${path}`)
}

const states = ['edited enabled', 'in-zone skipped', 'second enabled']

test('an agent can write the report of its own pod only', async () => {
  const [name, uid] = (await ofAgent('{.items[0].metadata.name} {.items[0].metadata.uid}')).split(
    ' ',
  )
  const bound = ['--bound-object-kind=Pod', `--bound-object-name=${name}`]
  const ofPod = await configOf([...bound, `--bound-object-uid=${uid}`])
  const ofNone = await configOf([])
  const stored = JSON.parse(
    await cluster.kubectl('get', 'tgtpns', name!, ...inSystem, '-o', 'json'),
  )
  // The agent may write it, too: kubectl then replaces any version.
  stored.metadata.resourceVersion = undefined
  const file = join(cluster.folder, 'report.json')
  const write = async (config: string, verb: string, report: object) => {
    await writeFile(file, JSON.stringify(report))
    return cluster.tryKubectl([`--kubeconfig=${config}`, verb, '-f', file])
  }
  const hasNoPod = /only the report with the name of its pod: its token has none/
  await cluster.waitFor('the webhook refuses a token without a pod', async () => {
    return hasNoPod.test((await write(ofNone, 'replace', stored)).stderr)
  })
  const other = { ...stored, metadata: { name: 'other', namespace: 'kube-system' } }
  const refused = await write(ofPod, 'create', other)
  assert.match(refused.stderr, new RegExp(`the report with the name of its pod: that is ${name}`))
  assert.equal((await write(ofPod, 'replace', stored)).exitCode, 0)
})

/** A kubeconfig file with a token of the agents' account. @param options of the token */
async function configOf(options: readonly string[]): Promise<string> {
  const token = await cluster.kubectl('create', 'token', 'tetragon', ...inSystem, ...options)
  const admin = await cluster.kubectl('config', 'view', '--raw', '-o', 'json')
  const config = JSON.parse(admin) as { readonly users: readonly { readonly name: string }[] }
  const users = config.users.map(({ name }) => ({ name, user: { token: token.trim() } }))
  const file = join(cluster.folder, `agent-${options.length}.conf`)
  await writeFile(file, JSON.stringify({ ...config, users }))
  return file
}

test('an agent that starts again answers when the policies are loaded', async () => {
  assert.deepEqual(await restartAgent(), states)
  await waitForColumns('1 0 0 0', 'tracingpolicy', 'edited')
})

/** Restarts the agent's container. @returns the states of policies in its first answer */
async function restartAgent(): Promise<string[]> {
  const before = await cluster.kubectl('get', 'pods', ...inSystem, '-o', restarts)
  await cluster.tryKubectl([...inAgent, 'node', '-e', "process.kill(1, 'SIGTERM')"])
  await cluster.waitFor('a restart of the container', async () => {
    return (await cluster.kubectl('get', 'pods', ...inSystem, '-o', restarts)) !== before
  })
  let first: Map<string, Status> | undefined
  await cluster.waitFor('an answer of the agent', async () => {
    first = await policies()
    return first !== undefined
  })
  return [...first!.values()].map(stateLine).sort()
}

const stateLine = (each: Status) =>
  `${titleOf(each)} ${each.state.replace('TP_STATE_', '').toLowerCase()}`

test('an upgrade of the chart loses no policy', async () => {
  const before = await cluster.kubectl('get', 'pods', ...inSystem, '-o', 'name')
  const options = ['--reuse-values', '--set', 'podAnnotations.upgraded=yes']
  await cluster.helm('upgrade', 'tetragon', chart, ...inSystem, ...options)
  await cluster.kubectl('rollout', 'status', ...inSystem, 'ds/tetragon', '--timeout=10m')
  assert.notEqual(await cluster.kubectl('get', 'pods', ...inSystem, '-o', 'name'), before)
  // A pod is ready when the policies that exist are loaded.
  assert.deepEqual([...((await policies()) ?? new Map()).values()].map(stateLine).sort(), states)
})

test('an agent that starts while the API server is away has its last policies', async () => {
  // Pods reach the API server at this address, kubectl and the kubelet at another one.
  const address = (change: 'del' | 'add') =>
    cluster.node.run(['ip', 'address', change, `${serviceAddress}/32`, 'dev', 'lo'])
  await address('del')
  try {
    assert.deepEqual(await restartAgent(), states)
    await cluster.kubectl('delete', 'tracingpolicy', 'second')
    await cluster.apply(policy('edited', '/away', {}, 'version of the outage'))
    assert.equal(await stateOf('second'), 'enabled')
  } finally {
    await address('add')
  }
  await waitForState('second', undefined)
  await cluster.waitFor('the edited version', async () => {
    await inPod('cd /away/x; true')
    return foldersOf(await eventsOf('edited')).includes('/away/x')
  })
})

const restarts = 'jsonpath={.items[*].status.containerStatuses[?(@.name=="tetragon")].restartCount}'
