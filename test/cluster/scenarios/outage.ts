import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import type { Cluster } from '../cluster.ts'
import { serviceAddress } from '../node/names.ts'
import { gapsOf, podsInPhase } from './attribution.ts'
import { nodeEvents, processOf, waitForHit } from './events.ts'
import { killAndObserve } from './last-hits.ts'
import { killProgram } from './node-processes.ts'
import type { Result } from './result.ts'
import { selectedLabels, selectingPolicy, waitForPolicies } from './selecting-policy.ts'
import { createPods, podOf } from './workload.ts'

/** Pods that run and make hits all the time. */
async function startPods(cluster: Cluster, age: 'old' | 'new') {
  const pods = [selectedLabels, { watched: 'no' }].map((labels) =>
    podOf(`${age}-${labels.watched}`, 'both', labels),
  )
  await createPods(cluster, pods)
  return podsInPhase(
    cluster,
    'Running',
    pods.map(({ metadata }) => metadata.name),
  )
}

/**
 * The agent does not reach the API server for a while, and is killed during this time. Events must
 * have their pods, policies stay in force, and afterwards all is as the API server has it.
 */
export async function outage(cluster: Cluster, seconds: number): Promise<Result> {
  // Pods reach the API server at this address, kubectl and the kubelet at another one.
  const address = (change: 'del' | 'add') =>
    cluster.node.run(['ip', 'address', change, `${serviceAddress}/32`, 'dev', 'lo'])
  await cluster.apply(selectingPolicy('kept'))
  await cluster.apply(selectingPolicy('removed'))
  await waitForPolicies(cluster, ['kept', 'removed'])
  const pods = await startPods(cluster, 'old')
  await waitForHit(cluster, 'kept', 'old-yes')

  const started = performance.now()
  await address('del')
  let returned: number
  try {
    await killProgram(cluster, 'agent')
    await waitForPolicies(cluster, ['kept', 'removed'])
    for (const each of await startPods(cluster, 'new')) pods.set(...each)
    await cluster.kubectl('delete', 'tracingpolicy', 'removed')
    await cluster.apply(selectingPolicy('added'))
    await delay(Math.max(seconds * 1000 - (performance.now() - started), 0))
    await waitForPolicies(cluster, ['kept', 'removed'])
    await waitForHit(cluster, 'removed', 'old-yes')
  } finally {
    await address('add')
    returned = performance.now()
  }
  await waitForPolicies(cluster, ['kept', 'added'])
  const policiesMs = performance.now() - returned
  await cluster.waitFor('labels of the new pod', async () => {
    const events = (await nodeEvents(cluster)).map((each) => processOf(each)?.pod)
    return events.some((pod) => pod?.name === 'new-yes' && pod.pod_labels?.watched === 'yes')
  })
  const labelsMs = performance.now() - returned
  for (const name of ['old-yes', 'new-yes']) await waitForHit(cluster, 'added', name)
  const all = [...pods.keys()]
  const selected = ['old-yes', 'new-yes']
  const { logs, hits, problems, starts } = await killAndObserve(
    cluster,
    'kept',
    pods,
    all,
    selected,
  )
  // The operator ends when it cannot renew its lease. Only the API server knows its next container.
  const others = problems.filter((problem) => !problem.includes('/usr/bin/tetragon-operator'))
  assert.deepEqual(others.slice(0, 20), [])
  // While the container of the agent starts again, nothing is observed.
  const gaps = (name: string, found: ReadonlySet<string>) => gapsOf(logs.get(name)!, found)
  assert.deepEqual(gaps('old-yes', new Set(hits.get('old-yes'))).slice(1), [])
  assert.deepEqual(gaps('new-yes', new Set(hits.get('new-yes'))), [])
  // The agent has saved the labels of old pods. Nothing on the node has those of new ones: what a
  // policy may apply to is posted.
  assert.equal(hits.get('old-no'), undefined)
  for (const name of pods.keys()) {
    const most = name.startsWith('old') ? 1 : 0
    assert.deepEqual(gaps(name, new Set(starts.keys())).slice(most), [], 'programs without events')
  }
  return {
    'seconds without the API server': seconds,
    'events without their pod or with a wrong one': others.length,
    'hits of selected pods': selected.flatMap((name) => hits.get(name) ?? []).length,
    'hits of another pod that ran before': 0,
    'hits of another pod created in the outage': hits.get('new-no')?.length ?? 0,
    'ms until policies are those of the API server': policiesMs,
    'ms until a new pod has its labels': labelsMs,
  }
}
