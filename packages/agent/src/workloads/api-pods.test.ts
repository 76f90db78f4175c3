import assert from 'node:assert/strict'
import { it } from 'node:test'
import { ApiPods } from './api-pods.ts'
import type { PodFacts } from './pod-facts.ts'

function pod(uid: string, id = '', staticUid = ''): PodFacts {
  const container = { name: 'c', image: '', imageId: '', startedAt: '' }
  return {
    uid,
    staticUid,
    namespace: 'n',
    name: uid,
    labels: {},
    annotations: undefined,
    workload: uid,
    workloadKind: 'Pod',
    containers: [{ ...container, id, isPrivileged: false, probes: [] }],
  }
}

const named = (pods: ApiPods, uid: string): string | undefined =>
  pods.declaredAs({ uid, namespace: 'n', name: uid })?.name

it('pods cannot pretend to be a static pod, or to have the container of another one', () => {
  const cached = new ApiPods(10)
  const facts = [
    pod('b', '', 'hash'),
    pod('a', 'x://1'),
    pod('evil', '', 'hash'),
    pod('c', '', '1'),
  ]
  cached.update({ isComplete: true, pods: facts, removed: [] })
  assert.equal(cached.declaredAs({ uid: 'hash', namespace: 'n', name: 'b' })?.uid, 'b')
  assert.equal(cached.ofContainer('1')?.uid, 'a')
})

it('pods are found by uid, by the uid of the kubelet, and by container', () => {
  const cached = new ApiPods(10)
  const change = (...pods: PodFacts[]) => cached.update({ isComplete: false, pods, removed: [] })
  change(pod('a', 'containerd://1'), pod('b', '', 'hash'))
  assert.equal(named(cached, 'a'), 'a')
  assert.equal(cached.declaredAs({ uid: 'hash', namespace: 'n', name: 'b' })?.uid, 'b')
  assert.equal(cached.ofContainer('1')?.name, 'a')
  change(pod('a', 'containerd://2'))
  assert.equal(cached.ofContainer('1'), undefined)
  assert.equal(cached.ofContainer('2')?.name, 'a')
})

it('deleted pods are cached, up to the limit', () => {
  const cached = new ApiPods(2)
  const facts = ['a', 'b', 'c', 'd'].map((uid) => pod(uid, `x://${uid}`))
  cached.update({ isComplete: true, pods: facts, removed: [] })
  cached.update({ isComplete: false, pods: [], removed: ['a', 'unknown'] })
  assert.equal(cached.ofContainer('a')?.name, 'a')
  assert.equal(cached.hits, 1)
  // A list lacks pods that were deleted while nothing was watched.
  cached.update({ isComplete: true, pods: [facts[3]], removed: [] })
  assert.equal(cached.ofContainer('a'), undefined)
  assert.equal(named(cached, 'b'), 'b')
  assert.equal(cached.evictions, 1)
  cached.update({ isComplete: false, pods: [facts[1]], removed: [] })
  assert.equal(named(cached, 'b'), 'b')
})

it('deleted pods with many labels displace older ones', () => {
  const cached = new ApiPods(10, 1000)
  const facts = ['a', 'b', 'c'].map((uid) => ({ ...pod(uid), labels: { label: uid.repeat(400) } }))
  cached.update({ isComplete: true, pods: facts, removed: [] })
  cached.update({ isComplete: true, pods: [], removed: [] })
  const left = ['a', 'b', 'c'].filter((uid) => named(cached, uid) !== undefined)
  assert.deepEqual([left, cached.evictions], [['b', 'c'], 1])
  cached.update({ isComplete: false, pods: [facts[1]!], removed: [] })
  cached.update({ isComplete: false, pods: [facts[0]!], removed: ['a'] })
  assert.equal(named(cached, 'c'), 'c')
})
