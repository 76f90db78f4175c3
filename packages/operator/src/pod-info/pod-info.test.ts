import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { digestOf, podInfoObject, podInfoOf, readPodInfo } from './pod-info.ts'

const pod = {
  metadata: {
    name: 'web-5d-x',
    namespace: 'shop',
    uid: 'u1',
    generateName: 'web-5d-',
    labels: { 'pod-template-hash': '5d', app: 'web' },
    annotations: { note: 'a' },
    ownerReferences: [
      { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-5d', controller: true },
    ],
  },
  spec: { hostNetwork: true, nodeName: 'node-1' },
  status: { podIP: '10.0.0.1', podIPs: [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }] },
}

describe('the PodInfo of a pod', () => {
  it('has its labels, node, addresses, workload and owner', () => {
    assert.deepEqual(podInfoOf(pod), {
      metadata: {
        name: 'web-5d-x',
        namespace: 'shop',
        labels: pod.metadata.labels,
        annotations: pod.metadata.annotations,
        ownerReferences: [
          { apiVersion: 'v1', kind: 'Pod', name: 'web-5d-x', uid: 'u1', controller: true },
        ],
      },
      spec: { hostNetwork: true, nodeName: 'node-1' },
      status: { podIP: '10.0.0.1', podIPs: [{ IP: '10.0.0.1' }, { IP: 'fd00::1' }] },
      workloadType: { apiVersion: 'apps/v1', kind: 'Deployment' },
      workloadObject: { name: 'web', namespace: 'shop' },
    })
  })

  it('does not exist until the pod has an address', () => {
    for (const status of [{}, undefined, { podIP: '10.0.0.1' }, { podIPs: [{ ip: '1.1.1.1' }] }]) {
      assert.equal(podInfoOf({ ...pod, status }), undefined)
    }
  })

  it('is not made of objects that are no pods', () => {
    for (const odd of [
      undefined,
      null,
      5,
      'x',
      [],
      {},
      { metadata: [] },
      { metadata: { uid: 1 } },
    ]) {
      assert.equal(podInfoOf(odd), undefined)
      assert.equal(typeof digestOf(readPodInfo(odd)), 'number')
    }
    const { status } = pod
    const labels = { a: 1, b: 'x', ['__proto__']: 'y' }
    const odd = podInfoOf({ metadata: { ...pod.metadata, labels, ownerReferences: 'x' }, status })
    assert.deepEqual(Object.entries(odd!.metadata.labels), [
      ['b', 'x'],
      ['__proto__', 'y'],
    ])
    assert.deepEqual(odd?.workloadType, { apiVersion: 'v1', kind: 'Pod' })
  })

  it('equals the stored one, whatever the order of members', () => {
    const info = podInfoOf(pod)!
    const stored = JSON.parse(JSON.stringify(podInfoObject(info)))
    stored.metadata.labels = { app: 'web', 'pod-template-hash': '5d' }
    assert.equal(digestOf(readPodInfo(stored)), digestOf(info))
    for (const change of [
      { spec: { ...stored.spec, nodeName: 'node-2' } },
      { status: { ...stored.status, podIPs: [] } },
      { workloadType: undefined },
      { metadata: { ...stored.metadata, ownerReferences: [] } },
    ]) {
      assert.notEqual(digestOf(readPodInfo({ ...stored, ...change })), digestOf(info))
    }
  })

  it('replaces a stored one with the metadata of the API server', () => {
    const object = podInfoObject(podInfoOf(pod)!, {
      metadata: { resourceVersion: '7', finalizers: ['x'], labels: { old: 'y' } },
    }) as { metadata: Record<string, unknown> }
    assert.equal(object.metadata.resourceVersion, '7')
    assert.deepEqual(object.metadata.finalizers, ['x'])
    assert.deepEqual(object.metadata.labels, pod.metadata.labels)
  })
})
