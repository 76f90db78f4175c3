import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { workloadOfPod } from '@tetragon-ts/kubernetes'
import fc from 'fast-check'
import { readPod } from './read-pod.ts'

const pod = {
  metadata: {
    ...{ name: 'xwing-5b7f-x2', generateName: 'xwing-5b7f-', namespace: 'default', uid: 'u' },
    labels: { 'pod-template-hash': '5b7f', class: 'xwing' },
    annotations: { note: 'a', long: 'x'.repeat(1 << 17) },
    ownerReferences: [{ kind: 'ReplicaSet', name: 'xwing-5b7f', controller: true }],
  },
  spec: {
    containers: [
      {
        ...{ name: 'spaceship', image: 'x:1', securityContext: { privileged: true } },
        livenessProbe: { exec: { command: ['cat', '/tmp/a'] } },
        readinessProbe: { httpGet: {} },
      },
    ],
    initContainers: [{ name: 'init', image: 'y' }],
  },
  status: {
    containerStatuses: [
      {
        ...{ name: 'spaceship', containerID: 'containerd://1', imageID: 'sha256:2', image: 'x:1' },
        state: { running: { startedAt: '2026-01-02T03:04:05Z' } },
      },
    ],
  },
}

describe('a pod of the API', () => {
  it('is read', () => {
    assert.deepEqual(readPod(pod, true), {
      ...{ uid: 'u', namespace: 'default', name: 'xwing-5b7f-x2', staticUid: '' },
      labels: { 'pod-template-hash': '5b7f', class: 'xwing' },
      annotations: { note: 'a' },
      ...{ workload: 'xwing', workloadKind: 'Deployment' },
      containers: [
        {
          ...{ name: 'spaceship', id: 'containerd://1', image: 'x:1', imageId: 'sha256:2' },
          ...{ startedAt: '2026-01-02T03:04:05Z', isPrivileged: true },
          probes: [['cat', '/tmp/a']],
        },
        {
          ...{ name: 'init', id: '', image: 'y', imageId: '', startedAt: '' },
          ...{ isPrivileged: false, probes: [] },
        },
      ],
    })
    assert.equal(readPod(pod, false)?.annotations, undefined)
  })

  it('of any content is read without an error', () => {
    const part = fc.oneof(fc.jsonValue(), fc.constantFrom(pod.metadata, pod.spec, pod.status))
    fc.assert(
      fc.property(part, part, part, (metadata, spec, status) => {
        const facts = readPod({ metadata, spec, status }, true)
        if (facts) assert.notEqual(facts.uid, '')
      }),
    )
    for (const value of [undefined, null, 1, '', [], {}])
      assert.equal(readPod(value, true), undefined)
  })
})

describe('the workload of a pod', () => {
  const origin = { name: 'p', generateName: 'p-', labels: {}, controller: undefined }
  const of = (kind: string, name: string, labels: Record<string, string> = {}) => {
    const found = workloadOfPod({ ...origin, labels, controller: { kind, name } })
    return `${found.workloadKind} ${found.workload}`
  }

  it('is its controller, or the controller of that', () => {
    assert.equal(of('DaemonSet', 'agent'), 'DaemonSet agent')
    assert.equal(of('StatefulSet', 'db'), 'StatefulSet db')
    assert.equal(of('ReplicaSet', 'web-1a', { 'pod-template-hash': '1a' }), 'Deployment web')
    assert.equal(of('ReplicaSet', 'web-1a'), 'ReplicaSet web-1a')
    assert.equal(of('Job', 'backup-28563840'), 'CronJob backup')
    assert.equal(of('Job', 'backup'), 'Job backup')
    assert.equal(
      of('ReplicationController', 'r-1', { deploymentconfig: 'r' }),
      'DeploymentConfig r',
    )
  })

  it('is the pod itself if it has no controller', () => {
    assert.deepEqual(workloadOfPod(origin), { workload: 'p', workloadKind: 'Pod' })
    const static_ = { ...origin, generateName: '', controller: { kind: 'Node', name: 'n' } }
    assert.deepEqual(workloadOfPod(static_), { workload: 'p', workloadKind: 'Pod' })
  })
})
