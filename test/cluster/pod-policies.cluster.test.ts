// The tests are steps: they use the agent and the policies of the first one.

import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { demoImage } from './images/cluster-images.ts'
import { chart, exportedEvents, inSystem, installAgent, sharedCluster } from './installation.ts'

const podCount = 20
/** Pods that run at the same time. */
const batch = 10
const hitsOfPod = 5

const cluster = sharedCluster()

/** A policy that posts each change to a folder below /none. */
function policy(name: string, head: string, spec: string): string {
  return `apiVersion: cilium.io/v1alpha1
${head.replace('NAME', name)}
spec:
${spec}
  kprobes:
  - call: sys_chdir
    syscall: true
    args: [{index: 0, type: string}]
    selectors:
    - matchArgs: [{index: 0, operator: Prefix, values: ["/none/"]}]
`
}

const whole = 'kind: TracingPolicy\nmetadata: {name: NAME}'
const policies = {
  web: policy('web', whole, '  podSelector: {matchLabels: {app: web}}'),
  watched: policy('watched', whole, '  podSelector: {matchLabels: {watched: "yes"}}'),
  team: policy(
    'team',
    'kind: TracingPolicyNamespaced\nmetadata: {name: NAME, namespace: team}',
    '',
  ),
  stopped: `${policy('stopped', whole, '  podSelector: {matchLabels: {app: stopped}}')}\
      matchActions: [{action: Sigkill}]
`,
}

interface Kprobe {
  readonly process: { readonly pod?: { readonly name: string; readonly namespace: string } }
  readonly policy_name: string
  readonly args: readonly { readonly string_arg?: string }[]
}

/** An answer of `tetra policyfilter`. */
interface FilterAnswer {
  readonly policy: string
  readonly container: string
  readonly answer: string
  readonly reasons: readonly string[]
}

/** What a policy has posted: the pod of each event, and its path without the folder. */
async function postedBy(name: keyof typeof policies): Promise<string[]> {
  const exported = await exportedEvents<{ readonly process_kprobe?: Kprobe }>(cluster)
  const events = exported.flatMap(({ process_kprobe }) => process_kprobe ?? [])
  return events
    .filter(({ policy_name }) => policy_name === name)
    .map(({ process: { pod }, args }) => {
      const [{ string_arg: path = '' }] = args
      return `${pod?.namespace}/${pod?.name} ${path.slice('/none/'.length)}`
    })
}

/** A pod that makes hits, and writes each to its log. The first one is its first instruction. */
function workload(name: string, namespace: string, labels: Readonly<Record<string, string>>) {
  const script = `i=0; while [ $i -lt ${hitsOfPod} ]; do
    cd /none/$i 2>/dev/null; echo $i; i=$((i + 1)); done`
  const main = { name: 'main', image: demoImage, command: ['/bin/sh', '-c', script] }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels },
    spec: { restartPolicy: 'Never', terminationGracePeriodSeconds: 0, containers: [main] },
  }
}

type Workload = ReturnType<typeof workload>

/** Runs pods until they have succeeded. @returns their hits, from their logs */
async function run(pods: readonly Workload[]): Promise<Map<Workload, readonly string[]>> {
  await cluster.apply({ apiVersion: 'v1', kind: 'List', items: pods })
  const hits = new Map<Workload, readonly string[]>()
  for (const pod of pods) {
    const { name, namespace } = pod.metadata
    const own = ['pod', name, '--namespace', namespace] as const
    await cluster.waitFor(`${name} has succeeded`, async () => {
      return (
        (await cluster.kubectl('get', ...own, '-o', 'jsonpath={.status.phase}')) === 'Succeeded'
      )
    })
    const log = await cluster.kubectl('logs', name, '--namespace', namespace)
    const lines = log.trim().split('\n')
    assert.equal(lines.length, hitsOfPod)
    hits.set(
      pod,
      lines.map((line) => `${namespace}/${name} ${line}`),
    )
  }
  for (const namespace of ['default', 'team']) {
    await cluster.kubectl('delete', 'pods', '--all', '--wait=false', '--namespace', namespace)
  }
  return hits
}

test('the agent is ready with policies that select pods', async () => {
  const folder = cluster.folder
  const files = await Promise.all(
    Object.entries(policies).map(async ([name, text]) => {
      const file = join(folder, `${name}.yaml`)
      await writeFile(file, text)
      return ['--from-file', file]
    }),
  )
  await cluster.kubectl('create', 'configmap', 'policies', ...inSystem, ...files.flat())
  await cluster.kubectl('create', 'namespace', 'team')
  const mount = 'extraConfigmapMounts[0]'
  await installAgent(
    cluster,
    ...['--set', 'tetragon.hostProcPath=/procHost'],
    ...['--set', `${mount}.name=policies,${mount}.configMap=policies`],
    ...['--set', `${mount}.mountPath=/etc/tetragon/tetragon.tp.d`],
  )
})

test('each hit of a selected pod is posted, and none of another', async () => {
  const all = Array.from({ length: podCount }, (_, i) => {
    const isTeam = i % 5 === 4
    return workload(`pod-${i}`, isTeam ? 'team' : 'default', { app: i % 2 === 0 ? 'web' : 'db' })
  })
  const expected: Record<'web' | 'team', string[]> = { web: [], team: [] }
  for (let i = 0; i < all.length; i += batch) {
    for (const [{ metadata }, hits] of await run(all.slice(i, i + batch))) {
      if (metadata.labels.app === 'web') expected.web.push(...hits)
      if (metadata.namespace === 'team') expected.team.push(...hits)
    }
  }
  for (const name of ['web', 'team'] as const) {
    let posted: string[] = []
    await cluster.waitFor(`events of the policy ${name}`, async () => {
      posted = await postedBy(name)
      return posted.length >= expected[name].length
    })
    assert.deepEqual(posted.sort(), expected[name].sort())
  }
})

test('a policy follows the labels of a running pod', async () => {
  const script = 'i=0; while :; do cd /none/$i 2>/dev/null; echo $i; i=$((i + 1)); sleep 0.1; done'
  const main = { name: 'main', image: demoImage, command: ['/bin/sh', '-c', script] }
  const { metadata } = workload('follow', 'default', { watched: 'no' })
  await cluster.apply({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata,
    spec: { terminationGracePeriodSeconds: 0, containers: [main] },
  })
  await cluster.kubectl('wait', 'pod/follow', '--for=condition=Ready', '--timeout=240s')
  const last = async (): Promise<number> => {
    // Lines that come while the log is read are there too.
    const lines = (await cluster.kubectl('logs', 'follow', '--tail=1')).trim().split('\n')
    return Number(lines.at(-1))
  }
  const advance = async (by: number): Promise<number> => {
    const from = await last()
    await cluster.waitFor('the pod goes on', async () => (await last()) >= from + by)
    return last()
  }
  const relabel = (value: string) =>
    cluster.kubectl('label', 'pod', 'follow', `watched=${value}`, '--overwrite')
  const seen = async (): Promise<number[]> =>
    (await postedBy('watched')).map((line) => Number(line.split(' ')[1]))

  const listPolicies = async (): Promise<string[][]> => {
    const tetra = ['exec', ...inSystem, 'ds/tetragon', '-c', 'tetragon', '--', 'tetra']
    const filter = ['policyfilter', 'listpolicies', 'default/follow', '-o', 'json']
    const lines = (await cluster.kubectl(...tetra, ...filter)).trim().split('\n')
    const answers = lines.map((line) => JSON.parse(line) as FilterAnswer)
    return answers
      .filter(({ container }) => container === 'main')
      .map(({ policy, answer, reasons }) => [policy, answer, ...reasons])
  }
  const decided = (watched: readonly string[]) =>
    cluster.waitFor(`the policies of the pod: ${watched}`, async () => {
      const team = ['team', 'no', 'namespace default']
      const web = ['web', 'no', 'pod label no app (In web)']
      const stopped = ['stopped', 'no', 'pod label no app (In stopped)']
      return isDeepStrictEqual((await listPolicies()).sort(), [stopped, team, watched, web])
    })
  const unlabelled = await advance(10)
  await decided(['watched', 'no', 'pod label watched=no (In yes)'])
  assert.deepEqual(await seen(), [])
  await relabel('yes')
  // The agent may need a while to see the label. The log of the pod may be a little late, too: what
  // it says at the moment of the decision may be from before.
  await decided(['watched', 'yes', 'pod label watched=yes'])
  const from = await advance(10)
  const to = await advance(20)
  await relabel('no')
  await decided(['watched', 'no', 'pod label watched=no (In yes)'])
  const after = await advance(10)
  await advance(20)
  // The export may be behind the log of the pod.
  await cluster.waitFor('the hits of that time', async () => (await seen()).includes(to - 1))
  const numbers = await seen()
  const within = Array.from({ length: to - from }, (_, i) => from + i)
  assert.deepEqual(
    numbers.filter((number) => number >= from && number < to),
    within,
  )
  assert.ok(
    numbers.every((number) => number >= unlabelled && number <= after),
    `${numbers}`,
  )
})

test('a pod is stopped at its first instruction if the runtime waits with it', async () => {
  const nri = ['--reuse-values', '--set', 'tetragon.nri.enabled=true']
  await cluster.helm('upgrade', 'tetragon', chart, ...inSystem, ...nri)
  await cluster.kubectl('rollout', 'status', ...inSystem, 'ds/tetragon', '--timeout=10m')
  const tetra = ['exec', ...inSystem, 'ds/tetragon', '-c', 'tetragon', '--', 'tetra']
  await cluster.waitFor('the runtime to wait for the agent', async () => {
    const list = await cluster.kubectl(...tetra, 'tracingpolicy', 'list', '-o', 'json')
    return list.includes('"stopped"') && !list.includes('until their labels are known')
  })
  const pods = Array.from({ length: batch / 2 }, (_, i) =>
    workload(`stopped-${i}`, 'default', { app: 'stopped' }),
  )
  await cluster.apply({ apiVersion: 'v1', kind: 'List', items: pods })
  for (const { metadata } of pods) {
    const status = '{.status.containerStatuses[0].state.terminated.exitCode}'
    let code = ''
    await cluster.waitFor(`${metadata.name} has ended`, async () => {
      code = await cluster.kubectl('get', 'pod', metadata.name, '-o', `jsonpath=${status}`)
      return code !== ''
    })
    assert.equal(code, '137')
    assert.equal(await cluster.kubectl('logs', metadata.name), '')
  }
})
