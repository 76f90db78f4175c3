import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PodFacts } from './pod-facts.ts'
import { apiPodText, declaredPodText } from './pod-text.ts'
import { containerdNames } from './sources/bundle-pod.ts'

const id = 'a'.repeat(64)
const created = new Date(Date.UTC(2026, 0, 2, 3, 4, 5, 67))
const declared = {
  names: containerdNames,
  id,
  created,
  pod: { namespace: 'n', name: 'p', uid: 'u', container: { name: 'c', image: 'busybox:1' } },
}
const container = {
  name: 'c',
  id: `containerd://${id}`,
  image: 'busybox:1',
  imageId: 'sha256:1',
  startedAt: '2026-01-02T03:04:06Z',
  isPrivileged: true,
  probes: [['sh', '-c', 'a b']],
}
const facts: PodFacts = {
  uid: 'u',
  namespace: 'n',
  name: 'p',
  staticUid: '',
  labels: { app: 'x', ä: '' },
  annotations: undefined,
  workload: 'x',
  workloadKind: 'Deployment',
  containers: [container],
}

describe('a pod in events', () => {
  it('is JSON, with a position for the pid', () => {
    const { head, tail, message, hasContainer } = declaredPodText(declared, undefined)
    assert.equal(
      `${head},"pid":7${tail}`,
      '{"namespace":"n","name":"p","uid":"u","container":{"id":' +
        `"containerd://${id}","name":"c","image":{"name":"busybox:1"},` +
        '"start_time":"2026-01-02T03:04:05.067Z","pid":7}}',
    )
    assert.ok(hasContainer)
    assert.deepEqual(JSON.parse(head + tail), message)
  })

  it('of a sandbox has no container', () => {
    const pod = { namespace: 'n', name: 'p"', uid: '', container: undefined }
    const { head, tail, hasContainer } = declaredPodText({ ...declared, pod }, undefined)
    assert.equal(head + tail, '{"namespace":"n","name":"p\\""}')
    assert.ok(!hasContainer)
  })

  it('has no labels if they would fill the output; filters still see them', () => {
    const entries = Array.from({ length: 10_000 }, (_, i) => [`label-${i}`, 'x'] as const)
    const labels = Object.fromEntries(entries)
    const { head, tail, message, labels: all } = declaredPodText(declared, { ...facts, labels })
    const shown = JSON.parse(head + tail) as { pod_labels?: unknown; workload?: unknown }
    assert.deepEqual([shown.pod_labels, shown.workload], [undefined, 'x'])
    assert.deepEqual([message.pod_labels, all], [labels, labels])
  })

  it('includes facts of the API', () => {
    const { head, tail, message, probes } = declaredPodText(declared, facts)
    const all = {
      namespace: 'n',
      name: 'p',
      uid: 'u',
      container: {
        id: `containerd://${id}`,
        name: 'c',
        image: { id: 'sha256:1', name: 'busybox:1' },
        start_time: '2026-01-02T03:04:05.067Z',
        security_context: { privileged: true },
      },
      pod_labels: { app: 'x', ä: '' },
      workload: 'x',
      workload_kind: 'Deployment',
    }
    assert.deepEqual(JSON.parse(Buffer.from(head + tail, 'latin1').toString()), all)
    assert.deepEqual(message, all)
    assert.deepEqual(probes, [{ binary: 'sh', arguments: '-c "a b"' }])
  })

  it('has the id of an image that was pulled by digest before the API has it', () => {
    const name = `example.org/app@sha256:${'c'.repeat(64)}`
    const pod = { ...declared.pod, container: { name: 'c', image: name } }
    const { message } = declaredPodText({ ...declared, pod }, undefined)
    assert.deepEqual(message.container?.image, { id: name, name })
  })

  it('omits states of other runs and facts about other containers', () => {
    const others = [{ ...container, id: `containerd://${'b'.repeat(64)}`, isPrivileged: false }]
    const { message } = declaredPodText(declared, { ...facts, containers: others })
    assert.deepEqual(message.container?.image, { name: 'busybox:1' })
    const sandbox = { ...declared, pod: { ...declared.pod, container: undefined } }
    const { container: none, pod_labels } = declaredPodText(sandbox, facts).message
    assert.equal(none, undefined)
    assert.deepEqual(pod_labels, facts.labels)
  })

  it('without a bundle has the facts of the API', () => {
    const annotations = { note: 'ü' }
    const { head, tail, message } = apiPodText({ ...facts, annotations }, id)
    assert.deepEqual(JSON.parse(Buffer.from(head + tail, 'latin1').toString()), message)
    assert.equal(message.container?.start_time, '2026-01-02T03:04:06Z')
    assert.deepEqual(message.pod_annotations, annotations)
  })
})
