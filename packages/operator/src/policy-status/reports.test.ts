import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KubeObject } from '@tetragon-ts/kubernetes'
import { type PodReport, type Report, readReport, sizeOf, stateIn } from './report.ts'
import { Reports } from './reports.ts'

const [a, b, c] = ['AAAAAAAA', 'BBBBBBBB', 'CCCCCCCC']
const report = (more: Partial<Report>): Report => ({
  enabled: '',
  failed: '',
  skipped: '',
  disabled: '',
  errors: [],
  ...more,
})
const of = (pod: string, more: Partial<Report>): PodReport => ({ pod, report: report(more) })

describe('reports of agents', () => {
  it('of any content are read within bounds', () => {
    const odd = [undefined, 5, 'x', [], {}, { enabled: 5, errors: 'x' }, { errors: [5, null, {}] }]
    for (const status of odd) {
      const object = { metadata: { name: 'p' }, status } as KubeObject
      assert.equal(stateIn(readReport(object)!.report, a), undefined)
    }
    assert.equal(readReport({ metadata: {} }), undefined)
    const errors = Array(1000).fill({
      policy: a + a,
      path: 'x'.repeat(9999),
      message: 'y'.repeat(9999),
    })
    const refs = a.repeat(99_999)
    const status = { enabled: refs, failed: refs, skipped: refs, disabled: refs, errors }
    const huge = readReport({ metadata: { name: 'p' }, status } as KubeObject)!
    assert.ok(sizeOf(huge.report) < 200_000)
  })

  it('cannot control terminals that show them', () => {
    const errors = [{ policy: a, path: 'x\u009b', message: '\u001b[2Jgone\n' }]
    const found = readReport({ metadata: { name: 'p' }, status: { errors } } as KubeObject)
    assert.deepEqual(found?.report.errors, [{ policy: a, path: 'x ', message: ' [2Jgone ' }])
  })

  it('are kept once if they are equal', () => {
    const reports = new Reports()
    for (let i = 0; i < 100; i++) reports.set(of(`p${i}`, { enabled: a + b }))
    assert.equal(reports.get('p0'), reports.get('p99'))
    assert.equal(reports.size, 100)
  })

  it('say which policies have another state', () => {
    const reports = new Reports()
    assert.deepEqual([...reports.set(of('p', { enabled: a + b }))], [a, b])
    assert.deepEqual([...reports.set(of('p', { enabled: a + b }))], [])
    assert.deepEqual([...reports.set(of('p', { enabled: a, failed: b }))], [b])
    const errors = [{ policy: c, path: '', message: 'm' }]
    assert.deepEqual([...reports.set(of('p', { enabled: a, failed: b, errors }))], [c])
    assert.deepEqual([...reports.delete({ pod: 'p' })].sort(), [a, b, c])
    assert.deepEqual([...reports.delete({ pod: 'p' })], [])
  })

  it('that do not fit into the memory are omitted until there is room', () => {
    const reports = new Reports(100)
    const large = (pod: string, ref: string) => of(pod, { enabled: ref.repeat(10) })
    reports.set(large('p', a))
    reports.set(large('q', b))
    assert.deepEqual([reports.size, reports.omitted], [1, 1])
    reports.set(large('r', a))
    assert.equal(reports.size, 2, 'an equal one needs no room')
    reports.set({ pod: 'r', report: undefined })
    assert.deepEqual([reports.size, reports.omitted], [1, 2])
    reports.replace([large('q', b)])
    assert.deepEqual([reports.size, reports.omitted], [1, 0])
    assert.equal(reports.get('p'), undefined)
  })
})
