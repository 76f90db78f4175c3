import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { workloadOfPod } from '@tetragon-ts/kubernetes'
import fc from 'fast-check'
import { readPod } from './read-pod.ts'

const pod = {
  metadata: {
    name: 'xwing-5b7f-x2',
    generateName: 'xwing-5b7f-',
    namespace: 'default',
    uid: 'u',
    labels: { 'pod-template-hash': '5b7f', class: 'xwing' },
    annotations: { note: 'a', long: 'x'.repeat(1 << 17) },
    ownerReferences: [{ kind: 'ReplicaSet', name: 'xwing-5b7f', controller: true }],
  },
  spec: {
    containers: [
      {
        name: 'spaceship',
        image: 'x:1',
        securityContext: { privileged: true },
        livenessProbe: { exec: { command: ['cat', '/tmp/a'] } },
        readinessProbe: { httpGet: {} },
      },
    ],
    initContainers: [{ name: 'init', image: 'y' }],
  },
  status: {
    containerStatuses: [
      {
        name: 'spaceship',
        containerID: 'containerd://1',
        imageID: 'sha256:2',
        image: 'x:1',
        state: { running: { startedAt: '2026-01-02T03:04:05Z' } },
      },
    ],
  },
}

/** As in Kubernetes 1.29: a sidecar is an init container that restarts. */
const newerPod = {
  metadata: {
    name: 'web-2xk9f',
    generateName: 'web-',
    namespace: 'default',
    uid: 'u2',
    labels: { app: 'web' },
    ownerReferences: [
      { apiVersion: 'apps.kruise.io/v1alpha1', kind: 'CloneSet', name: 'web', controller: true },
    ],
  },
  spec: {
    hostNetwork: true,
    containers: [{ name: 'app', image: 'demo:1' }],
    initContainers: [
      {
        name: 'proxy',
        image: 'proxy:2',
        restartPolicy: 'Always',
        livenessProbe: { exec: { command: ['proxy', 'health'] }, periodSeconds: 10 },
      },
    ],
    ephemeralContainers: [
      { name: 'debugger-x7k2p', image: 'busybox:3', targetContainerName: 'app', tty: true },
    ],
  },
  status: {
    containerStatuses: [{ name: 'app', containerID: 'containerd://a', imageID: 'demo@sha256:1' }],
    initContainerStatuses: [
      {
        name: 'proxy',
        containerID: 'containerd://b',
        imageID: 'proxy@sha256:2',
        ready: true,
        started: true,
      },
    ],
    ephemeralContainerStatuses: [
      { name: 'debugger-x7k2p', containerID: 'containerd://c', imageID: 'busybox@sha256:3' },
    ],
  },
}

/** The mirror of a static pod. */
const staticPod = {
  metadata: {
    name: 'etcd-node-1',
    namespace: 'kube-system',
    uid: '9d3e',
    annotations: {
      'kubernetes.io/config.hash': '1f0c2b',
      'kubernetes.io/config.mirror': '1f0c2b',
      'kubernetes.io/config.source': 'file',
    },
    ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'node-1', controller: true }],
  },
  spec: { hostNetwork: true, containers: [{ name: 'etcd', image: 'etcd:3' }] },
}

describe('a pod of the API', () => {
  it('is read', () => {
    assert.deepEqual(readPod(pod, true), {
      uid: 'u',
      namespace: 'default',
      name: 'xwing-5b7f-x2',
      staticUid: '',
      labels: { 'pod-template-hash': '5b7f', class: 'xwing' },
      annotations: { note: 'a' },
      workload: 'xwing',
      workloadKind: 'Deployment',
      containers: [
        {
          name: 'spaceship',
          id: 'containerd://1',
          image: 'x:1',
          imageId: 'sha256:2',
          startedAt: '2026-01-02T03:04:05Z',
          isPrivileged: true,
          probes: [['cat', '/tmp/a']],
        },
        {
          name: 'init',
          id: '',
          image: 'y',
          imageId: '',
          startedAt: '',
          isPrivileged: false,
          probes: [],
        },
      ],
    })
    assert.equal(readPod(pod, false)?.annotations, undefined)
  })

  it('has the annotations that fit into an event, the short ones first', () => {
    const annotations = { a: 'x'.repeat(40_000), b: '1', c: 'x'.repeat(30_000), d: '2' }
    const found = readPod({ ...pod, metadata: { ...pod.metadata, annotations } }, true)
    assert.deepEqual(Object.keys(found?.annotations ?? {}), ['b', 'c', 'd'])
  })

  it('has sidecars and ephemeral containers', () => {
    const found = readPod(newerPod, false)
    assert.deepEqual(
      found?.containers.map(({ name, id, imageId, probes }) => [name, id, imageId, probes]),
      [
        ['app', 'containerd://a', 'demo@sha256:1', []],
        ['proxy', 'containerd://b', 'proxy@sha256:2', [['proxy', 'health']]],
        ['debugger-x7k2p', 'containerd://c', 'busybox@sha256:3', []],
      ],
    )
    assert.deepEqual([found?.workload, found?.workloadKind], ['web', 'CloneSet'])
  })

  it('has the uid of its file if it is static', () => {
    const found = readPod(staticPod, false)
    const { uid, staticUid, workload, workloadKind } = found ?? {}
    assert.deepEqual([uid, staticUid], ['9d3e', '1f0c2b'])
    assert.deepEqual([workload, workloadKind], ['etcd-node-1', 'Pod'])
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
