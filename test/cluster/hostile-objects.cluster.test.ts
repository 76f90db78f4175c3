// The tests are steps: the second one uses the agent that the first one has installed.

import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { installAgent, sharedCluster } from './installation.ts'
import { exportEverything, nodeEvents } from './scenarios/events.ts'
import { policyStates, selectingPolicy, waitForPolicies } from './scenarios/selecting-policy.ts'
import { killPods, podOf } from './scenarios/workload.ts'

const cluster = sharedCluster()
const labelCount = 10_000

/** Creates an object that is too large for the annotation of `kubectl apply`. */
async function create(object: object): Promise<void> {
  const file = join(cluster.folder, 'object.json')
  await writeFile(file, JSON.stringify(object))
  await cluster.kubectl('create', '-f', file)
}

test('a pod with 10,000 labels is known and selected, but events omit them', async () => {
  const values = join(cluster.folder, 'values.json')
  await writeFile(values, JSON.stringify({ tetragon: exportEverything }))
  await installAgent(cluster, '-f', values)
  await cluster.apply(selectingPolicy('hostile'))
  await waitForPolicies(cluster, ['hostile'])
  const entries = Array.from({ length: labelCount }, (_, i) => [`label-${i}`, `value-${i}`])
  const labels = { ...Object.fromEntries(entries), watched: 'yes' } as Record<string, string>
  await create(podOf('many-labels', 'endless', labels))
  await create(podOf('few-labels', 'endless', { watched: 'yes' }))
  await cluster.waitFor('hits of both pods', async () => {
    const pods = (await nodeEvents(cluster)).flatMap(({ process_kprobe: event }) => {
      return event?.process.pod ?? []
    })
    // Its hits wait until the API server has said which labels it has.
    const many = pods.filter(({ name }) => name === 'many-labels')
    assert.ok(many.every(({ pod_labels }) => pod_labels === undefined))
    const few = pods.find(({ name, pod_labels }) => name === 'few-labels' && pod_labels)
    return many.length > 0 && few?.pod_labels?.watched === 'yes'
  })
  await killPods(cluster, ['many-labels', 'few-labels'])
})

test('a policy beyond the limits shows its error, and nothing of it is loaded', async () => {
  const policy = selectingPolicy('too-large') as { spec: { kprobes: object[] } }
  const [hook] = policy.spec.kprobes
  const hooks = Array.from({ length: 1001 }, () => hook!)
  await create({ ...policy, spec: { ...policy.spec, kprobes: hooks } })
  await cluster.waitFor('the error of the policy', async () => {
    return (await policyStates(cluster))?.get('too-large') === 'LOAD_ERROR'
  })
  assert.equal((await policyStates(cluster))?.get('hostile'), 'ENABLED')
  await cluster.kubectl('delete', 'tracingpolicy', 'too-large')
  await waitForPolicies(cluster, ['hostile'])
})
