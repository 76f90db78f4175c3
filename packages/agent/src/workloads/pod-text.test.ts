import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { containerPod } from './pod-text.ts'
import { containerdNames } from './sources/bundle-pod.ts'

const id = 'a'.repeat(64)
const created = new Date(Date.UTC(2026, 0, 2, 3, 4, 5, 67))

describe('a pod in events', () => {
  const declared = { names: containerdNames, id, created }

  it('is JSON with the pid in its place', () => {
    const pod = {
      ...{ namespace: 'n', name: 'p', uid: 'u' },
      container: { name: 'c', image: 'busybox:1' },
    }
    const { head, tail, message, hasContainer } = containerPod({ ...declared, pod })
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
    const { head, tail, hasContainer } = containerPod({ ...declared, pod })
    assert.equal(head + tail, '{"namespace":"n","name":"p\\""}')
    assert.ok(!hasContainer)
  })
})
