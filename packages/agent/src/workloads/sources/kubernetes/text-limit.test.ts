import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import type { PodFacts } from '../../pod-facts.ts'
import { TextLimit } from './text-limit.ts'

function pod(uid: string, labels: number, annotations = 0): PodFacts {
  return {
    uid,
    namespace: 'n',
    name: uid,
    staticUid: '',
    workload: uid,
    workloadKind: 'Pod',
    labels: { a: 'x'.repeat(labels) },
    annotations: { a: 'x'.repeat(annotations) },
    containers: [],
  }
}

describe('the texts of the pods of a node', () => {
  let warnings: string[]
  let limit: TextLimit
  let time = 0
  beforeEach(() => {
    warnings = []
    time = 0
    limit = new TextLimit(
      (message) => warnings.push(message),
      1000,
      () => time,
    )
  })
  const change = (...pods: PodFacts[]) => apply({ isComplete: false, pods, removed: [] })
  function apply(changes: Parameters<TextLimit['apply']>[0]): string[] {
    return limit.apply(changes).pods.map(({ uid, labels, annotations = {} }) => {
      return `${uid} ${labels.a?.length ?? '-'} ${annotations.a?.length ?? '-'}`
    })
  }

  it('are unchanged within the limit', () => {
    assert.deepEqual(change(pod('a', 300, 300), pod('b', 200)), ['a 300 300', 'b 200 0'])
    assert.deepEqual(change(pod('b', 300)), ['b 300 0'])
    assert.deepEqual(warnings, [])
  })

  it('are taken from the pod with most of them, annotations first', () => {
    change(pod('large', 300, 400))
    assert.deepEqual(change(pod('small', 300)), ['small 300 0', 'large 300 -'])
    // It has no annotations left: its labels follow.
    assert.deepEqual(change(pod('larger', 600)), ['larger - -'])
    assert.deepEqual(change(pod('least', 299)), ['least 299 0'])
    assert.match(warnings.join(), /exceed 1000 characters; n\/large, which has most, loses some$/)
    time = 60_000
    change(pod('again', 900))
    assert.equal(warnings.length, 2)
  })

  it('are counted without deleted pods', () => {
    change(pod('a', 900))
    apply({ isComplete: false, pods: [], removed: ['a', 'unknown'] })
    assert.deepEqual(change(pod('b', 900)), ['b 900 0'])
    const all = { isComplete: true, pods: [pod('c', 900)], removed: [] }
    assert.deepEqual(apply(all), ['c 900 0'])
  })

  it('include containers and the commands of their probes', () => {
    const container = { name: 'c', id: '', image: '', imageId: '', startedAt: '' }
    const probes = [['sh', 'x'.repeat(1000)]]
    const containers = [{ ...container, isPrivileged: false, probes }]
    const { pods } = limit.apply({
      isComplete: true,
      removed: [],
      pods: [{ ...pod('a', 1), annotations: undefined, containers }, pod('b', 100)],
    })
    assert.deepEqual(pods.map(({ uid }) => uid).sort(), ['a', 'b'])
    const [probed] = pods.filter(({ uid }) => uid === 'a')
    assert.deepEqual(probed.containers, [{ ...containers[0], probes: [] }])
    assert.equal(probed.annotations, undefined)
  })
})
