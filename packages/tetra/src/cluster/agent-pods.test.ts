import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { currentPods, readAgentPod } from './agent-pods.ts'

const running = {
  phase: 'Running',
  containerStatuses: [{ name: 'tetragon', state: { running: {} } }],
}

function pod(name: string, spec: object, status: object, metadata: object = {}) {
  return readAgentPod({ metadata: { name, uid: name, ...metadata }, spec, status } as object)
}

describe('a pod of an agent', () => {
  it('has a problem until its container runs, and while it is deleted', () => {
    const spec = { nodeName: 'n' }
    const waiting = { name: 'tetragon', state: { waiting: { reason: 'ImagePullBackOff' } } }
    const problems = [
      pod('a', spec, running),
      pod('b', spec, { phase: 'Pending' }),
      pod('c', spec, { phase: 'Pending', containerStatuses: [waiting] }),
      pod('d', spec, { phase: 'Running', containerStatuses: [{ name: 'other' }] }),
      pod('e', spec, running, { deletionTimestamp: '2026-01-01T00:00:00Z' }),
      pod('f', spec, 'nonsense' as never),
    ].map(({ problem }) => problem)
    assert.deepEqual(problems, [
      '',
      'pod b is Pending',
      'pod c is ImagePullBackOff',
      'pod d has no container tetragon',
      'pod e is being deleted',
      'pod f is unknown',
    ])
  })

  it('belongs to the node that the DaemonSet has made it for', () => {
    const matchFields = [{ key: 'metadata.name', operator: 'In', values: ['n'] }]
    const required = { nodeSelectorTerms: [{ matchFields }] }
    const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } }
    assert.equal(pod('a', { affinity }, { phase: 'Pending' }).node, 'n')
    assert.deepEqual(currentPods([pod('a', {}, { phase: 'Pending' })]), [])
  })

  it('is omitted when another one of its node runs', () => {
    const spec = { nodeName: 'n' }
    const all = [
      pod('old', spec, running, { deletionTimestamp: '2026-01-01T00:00:00Z' }),
      pod('new', spec, running),
      pod('first', { nodeName: 'm' }, { phase: 'Failed' }),
      pod('second', { nodeName: 'm' }, { phase: 'Pending' }),
    ]
    assert.deepEqual(
      currentPods(all).map(({ name }) => name),
      ['new', 'second'],
    )
  })
})
