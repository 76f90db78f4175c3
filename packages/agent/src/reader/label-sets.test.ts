import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { EventLabels } from '../processes/process.ts'
import { LabelSets } from './label-sets.ts'
import { countedProcess, podOf } from './testing/counted-process.ts'

const selected = { namespace: true, workload: true, pod: true, binary: true }
const web = { namespace: 'shop', name: 'web-x', workload: 'web' }
const hour = 3_600_000

describe('label sets', () => {
  it('are those of the pod and the binary, shared by containers of a pod', () => {
    const sets = new LabelSets(selected)
    const [a, b] = [countedProcess('/bin/a', web), countedProcess('/bin/a', { ...web })]
    const labels = { namespace: 'shop', workload: 'web', pod: 'web-x', binary: '/bin/a' }
    assert.deepEqual(sets.of(a).labels, labels)
    assert.equal(sets.of(b), sets.of(a))
    const outside = { namespace: '', workload: '', pod: '', binary: '/bin/a' }
    assert.deepEqual(sets.of(countedProcess('/bin/a')).labels, outside)
    assert.deepEqual(sets.of(undefined).labels, { ...outside, binary: '' })
  })

  it('have only the selected labels', () => {
    const none = { namespace: '', workload: '', pod: '', binary: '' }
    const values: EventLabels = { ...web, pod: 'web-x', binary: '/bin/a' }
    for (const name of ['namespace', 'workload', 'pod', 'binary'] as const) {
      const off = { namespace: false, workload: false, pod: false, binary: false }
      const sets = new LabelSets({ ...off, [name]: true })
      const { labels } = sets.of(countedProcess('/bin/a', web))
      assert.deepEqual(labels, { ...none, [name]: values[name] })
      // Pods whose labels are the same have the same counters.
      const other = name === 'pod' ? web : { ...web, name: 'web-y' }
      assert.equal(sets.of(countedProcess('/bin/a', other)).labels, labels)
    }
  })

  it('change when the pod is found, and when the API server reports its workload', () => {
    const sets = new LabelSets(selected)
    const process = countedProcess('/bin/a')
    const first = sets.of(process)
    assert.equal(sets.of(process), first)
    const pod = podOf({ namespace: 'shop', name: 'web-x' })
    process.workload.pod = pod
    assert.deepEqual(sets.of(process).labels.pod, 'web-x')
    assert.equal(sets.of(process).labels.workload, '')
    pod.text = podOf(web).text
    assert.equal(sets.of(process).labels.workload, 'web')
    // Text with the same labels, such as another start time.
    const counts = sets.of(process)
    pod.text = podOf(web).text
    assert.equal(sets.of(process), counts)
  })

  it('are removed some time after the last process of the pod', () => {
    const sets = new LabelSets(selected)
    const [a, b] = [countedProcess('/bin/a', web), countedProcess('/bin/b', web)]
    const removed = (live: Iterable<typeof a>, now: number) =>
      [...sets.removeOld(live, now)].map(({ labels }) => labels.binary)
    sets.of(a).types[0] = 1
    sets.of(b).types[0] = 1
    assert.deepEqual(removed([a, b], 0), [])
    assert.deepEqual(removed([a], hour), ['/bin/b'])
    assert.deepEqual(removed([], 2 * hour), ['/bin/a'])
    assert.equal([...sets].length, 2)
  })

  it('of one pod cannot use up those of others', () => {
    const sets = new LabelSets(selected)
    const hostile = { namespace: 'evil', name: 'p' }
    for (let i = 0; i < 10_000; i++) sets.of(countedProcess(`/bin/${i}`, hostile))
    assert.equal([...sets].length, 2 + 1024 + 1)
    const { labels } = sets.of(countedProcess('/bin/more', hostile))
    assert.deepEqual(labels, { namespace: 'evil', workload: '', pod: 'p', binary: '(others)' })
    assert.equal(sets.of(countedProcess('/bin/0', hostile)).labels.binary, '/bin/0')
    assert.equal(sets.of(countedProcess('/bin/a', web)).labels.pod, 'web-x')
  })

  it('beyond the limit share one, also when binaries are not selected', () => {
    const sets = new LabelSets({ ...selected, binary: false })
    const pods = Array.from({ length: 5000 }, (_, i) => ({ namespace: 'n', name: `p${i}` }))
    for (const pod of pods) sets.of(countedProcess('/bin/a', pod))
    assert.equal([...sets].length, 2 + 4096)
    assert.deepEqual(sets.of(countedProcess('/bin/a', pods[4999])).labels, {
      namespace: '(others)',
      workload: '(others)',
      pod: '(others)',
      binary: '',
    })
    assert.deepEqual(sets.of(countedProcess('/bin/a', pods[0])).labels.pod, 'p0')
  })

  it('of different names differ, whatever the names are', () => {
    const name = fc.string({ unit: 'binary', maxLength: 4 })
    fc.assert(
      fc.property(fc.tuple(name, name, name), fc.tuple(name, name, name), (a, b) => {
        const sets = new LabelSets({ ...selected, binary: false })
        const of = ([namespace, workload, pod]: typeof a) =>
          sets.of(countedProcess('/bin/a', { namespace, workload, name: pod }))
        const isSame = a.every((each, i) => each.toWellFormed() === b[i].toWellFormed())
        assert.equal(of(a) === of(b), isSame)
      }),
    )
  })
})
