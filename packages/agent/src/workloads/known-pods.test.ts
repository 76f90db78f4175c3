import assert from 'node:assert/strict'
import { it } from 'node:test'
import { KnownPods } from './known-pods.ts'
import type { PodFacts } from './pod-facts.ts'

function pod(uid: string, id = '', staticUid = ''): PodFacts {
  const container = { name: 'c', image: '', imageId: '', startedAt: '' }
  return {
    ...{ uid, staticUid, namespace: 'n', name: uid, labels: {}, annotations: undefined },
    ...{ workload: uid, workloadKind: 'Pod' },
    containers: [{ ...container, id, isPrivileged: false, probes: [] }],
  }
}

it('pods are found by uid, by the uid of the kubelet, and by container', () => {
  const known = new KnownPods(10)
  const change = (...pods: PodFacts[]) => known.update({ isComplete: false, pods, removed: [] })
  change(pod('a', 'containerd://1'), pod('b', '', 'hash'))
  assert.equal(known.withUid('a')?.name, 'a')
  assert.equal(known.withUid('hash')?.name, 'b')
  assert.equal(known.ofContainer('1')?.name, 'a')
  change(pod('a', 'containerd://2'))
  assert.equal(known.ofContainer('1'), undefined)
  assert.equal(known.ofContainer('2')?.name, 'a')
})

it('deleted pods are remembered, as many as allowed', () => {
  const known = new KnownPods(2)
  const pods = ['a', 'b', 'c', 'd'].map((uid) => pod(uid, `x://${uid}`))
  known.update({ isComplete: true, pods, removed: [] })
  known.update({ isComplete: false, pods: [], removed: ['a', 'unknown'] })
  assert.equal(known.ofContainer('a')?.name, 'a')
  assert.equal(known.hits, 1)
  // A list lacks what was deleted while nothing was watched.
  known.update({ isComplete: true, pods: [pods[3]], removed: [] })
  assert.equal(known.ofContainer('a'), undefined)
  assert.equal(known.withUid('b')?.name, 'b')
  assert.equal(known.evictions, 1)
  known.update({ isComplete: false, pods: [pods[1]], removed: [] })
  assert.equal(known.withUid('b')?.name, 'b')
})
