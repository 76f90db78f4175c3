import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import type { WorkloadSelection } from '@tetragon-ts/compiler/hooks'
import type { ContainerPod } from '../../processes/workload.ts'
import { PolicySets } from './policy-sets.ts'
import type { SetBits } from './workload-map.ts'

const web: WorkloadSelection = {
  namespace: '',
  podSelector: { path: '', matchLabels: { app: 'web' }, matchExpressions: [] },
  containerSelector: undefined,
  host: false,
}
const host: WorkloadSelection = { ...web, podSelector: undefined, host: true }
const [own, other, inner] = ['a', 'b', 'c'].map((letter) => letter.repeat(64))

/** A pod in events, with these labels. */
function podWith(labels: Record<string, string> | undefined): ContainerPod {
  const message = { namespace: 'default', name: 'x' }
  return { text: { head: '', tail: '', hasContainer: false, message, labels, probes: [] } }
}

describe('sets of workloads', () => {
  let known: Map<string, ContainerPod | 'outside'>
  let written: Map<number, string>
  let gone: Set<number>
  let time: number
  let decided: number[]
  let lookups: number
  let sets: PolicySets

  beforeEach(() => {
    known = new Map()
    written = new Map()
    gone = new Set()
    decided = []
    time = 0
    lookups = 0
    const pods = {
      known: ([id]: readonly string[]) => {
        lookups++
        return known.get(id) ?? 'unknown'
      },
      cached: ([id]: readonly string[]) => {
        const pod = known.get(id)
        return { pod: pod === 'outside' ? undefined : pod, container: undefined }
      },
    }
    sets = new PolicySets(pods, () => time)
    sets.onDecided = (cgroup) => decided.push(cgroup)
    sets.open({
      write(cgroup: number, bits: SetBits) {
        if (gone.has(cgroup)) return false
        written.set(cgroup, [0, 1, 2].map((set) => bits.get(set)).join())
        return true
      },
    })
  })

  it('are written for the groups that were there, and for later ones', () => {
    known.set(own, podWith({ app: 'web' }))
    known.set(other, 'outside')
    sets.entered(1, [own], 100)
    sets.add([
      { number: 0, selection: web },
      { number: 1, selection: host },
    ])
    sets.entered(2, [other], 100)
    assert.deepEqual(
      [...written],
      [
        [1, 'yes,no,unknown'],
        [2, 'no,yes,unknown'],
      ],
    )
  })

  it('are unknown until the pod is found, and looked up again', () => {
    sets.add([{ number: 0, selection: web }])
    sets.entered(1, [own], 100)
    assert.equal(sets.state(1, 0), 'unknown')
    known.set(own, podWith(undefined))
    time = 1000
    sets.retry()
    assert.equal(sets.state(1, 0), 'unknown')
    const pod = podWith({ app: 'web' })
    known.set(own, pod)
    sets.entered(2, [own], 100)
    assert.equal(sets.state(2, 0), 'yes')
    assert.deepEqual(decided, [2])
  })

  it('follow the labels of their pods', () => {
    const pod = podWith(undefined)
    known.set(own, pod)
    sets.add([{ number: 0, selection: web }])
    sets.entered(1, [own], 100)
    assert.deepEqual(sets.counts, { groups: 1, unknown: 1 })
    for (const [app, state] of [
      ['web', 'yes'],
      ['db', 'no'],
    ]) {
      pod.text = podWith({ app }).text
      sets.podsChanged(new Set([pod]))
      assert.equal(sets.state(1, 0), state)
    }
    assert.deepEqual(sets.counts, { groups: 1, unknown: 0 })
  })

  it('are decided for the groups of changed pods, and no others', () => {
    sets.add([{ number: 0, selection: web }])
    sets.entered(1, [own], 100)
    for (let cgroup = 2; cgroup < 100; cgroup++) sets.entered(cgroup, [other], 100)
    const [pod, elsewhere] = [podWith({ app: 'web' }), podWith({})]
    known.set(own, pod)
    lookups = 0
    sets.podsChanged(new Set([elsewhere]))
    assert.equal(lookups, 0)
    sets.podsChanged(new Set([pod, elsewhere]))
    assert.deepEqual([lookups, sets.state(1, 0)], [1, 'yes'])
  })

  it('are listed by container, with the labels that are asked for', () => {
    const pod = podWith({ app: 'web', more: 'x' })
    known.set(own, pod)
    known.set(other, 'outside')
    sets.add([
      { number: 0, selection: web },
      { number: 1, selection: host },
    ])
    sets.entered(1, [own], 100)
    sets.entered(2, [own], 100)
    sets.entered(3, [other], 100)
    sets.entered(4, [inner], 100)
    sets.entered(5, [], 100)
    const rest = { namespace: '', pod: '', container: '', repository: '', labels: undefined }
    assert.deepEqual(sets.list(['app', '__proto__']), [
      {
        cgroup: 1,
        cgroups: 2,
        containerId: own,
        state: 'pod',
        namespace: 'default',
        pod: 'x',
        container: '',
        repository: '',
        labels: { app: 'web' },
        sets: [0],
        unknownSets: [],
      },
      {
        cgroup: 3,
        cgroups: 1,
        containerId: other,
        state: 'outside',
        ...rest,
        sets: [1],
        unknownSets: [],
      },
      {
        cgroup: 4,
        cgroups: 1,
        containerId: inner,
        state: 'unknown',
        ...rest,
        sets: [],
        unknownSets: [0, 1],
      },
    ])
    sets.ended(1)
    sets.ended(2)
    assert.deepEqual(
      sets.list([]).map(({ cgroup }) => cgroup),
      [3, 4],
    )
  })

  it('are unknown again when their number is free', () => {
    known.set(own, podWith({ app: 'web' }))
    sets.add([{ number: 0, selection: web }])
    sets.entered(1, [own], 100)
    sets.remove([0])
    assert.equal(written.get(1), 'unknown,unknown,unknown')
    sets.add([{ number: 0, selection: host }])
    assert.equal(sets.state(1, 0), 'no')
  })

  it('look up a limited number of unknown pods at once, each in its turn', () => {
    const pods = {
      known: (): 'unknown' => {
        lookups++
        return 'unknown'
      },
      cached: () => ({ pod: undefined, container: undefined }),
    }
    const many = new PolicySets(pods, () => time)
    many.open({ write: () => true })
    many.add([{ number: 0, selection: web }])
    for (let cgroup = 0; cgroup < 200; cgroup++) many.entered(cgroup, [own], 100)
    assert.equal(lookups, 200)
    for (const expected of [264, 328]) {
      time += 1000
      many.retry()
      assert.equal(lookups, expected)
    }
  })

  it('are not kept for groups inside a pod, which have no entry', () => {
    known.set(own, podWith({ app: 'web' }))
    sets.add([{ number: 0, selection: web }])
    gone.add(1)
    sets.entered(1, [own], 0)
    sets.entered(2, [own], 0)
    assert.deepEqual(sets.counts, { groups: 1, unknown: 0 })
  })

  it('forget ended groups, unless hits wait for them', () => {
    sets.add([{ number: 0, selection: web }])
    sets.isAwaited = (cgroup) => cgroup === 1
    for (const cgroup of [1, 2, 3]) sets.entered(cgroup, [`${inner}`], 100)
    sets.ended(1)
    sets.ended(2)
    assert.equal(sets.counts.groups, 2)
    sets.released(1)
    assert.equal(sets.counts.groups, 1)
    // The end of this one is not read yet: its hits come before that.
    gone.add(3)
    known.set(inner, podWith({ app: 'web' }))
    time = 1000
    sets.retry()
    assert.equal(sets.state(3, 0), 'yes')
    // It was lost.
    time = 62_000
    sets.entered(4, [inner], 100)
    assert.equal(sets.state(3, 0), 'unknown')
    assert.deepEqual(sets.counts, { groups: 1, unknown: 0 })
  })
})
