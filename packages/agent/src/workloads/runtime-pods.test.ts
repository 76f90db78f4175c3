import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PodFacts } from './pod-facts.ts'
import { RuntimePods } from './runtime-pods.ts'

function podOf(uid: string, labels: Readonly<Record<string, string>> = {}): PodFacts {
  return {
    uid,
    namespace: 'n',
    name: uid,
    staticUid: '',
    annotations: undefined,
    labels,
    workload: '',
    workloadKind: '',
    containers: [],
  }
}

describe('pods of the socket of the runtime', () => {
  const uidsOf = (pods: RuntimePods) => ['a', 'b', 'c'].filter((uid) => pods.withUid(uid))

  it('are dropped if there are too many, the oldest ones first', () => {
    const pods = new RuntimePods(2)
    for (const uid of ['a', 'b', 'a', 'c']) pods.add(podOf(uid))
    assert.deepEqual(uidsOf(pods), ['a', 'c'])
  })

  it('are dropped if they have too many labels together', () => {
    const pods = new RuntimePods(10, 100)
    const labels = { app: 'x'.repeat(47) }
    for (const uid of ['a', 'b', 'b', 'a']) pods.add(podOf(uid, labels))
    assert.deepEqual(uidsOf(pods), ['a', 'b'])
    pods.add(podOf('c', { x: '' }))
    assert.deepEqual(uidsOf(pods), ['a', 'c'])
  })
})
