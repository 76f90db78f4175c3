import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { CreateContainer } from '@tetragon-ts/api'
import fc from 'fast-check'
import { RequestError } from '../../request-error.ts'
import { xwing, xwingSandbox } from '../testing/bundles.ts'
import { readCreateContainer } from './runtime-hook.ts'

const id = 'ab'.repeat(32)
const fields = {
  podNamespace: 'default',
  podName: 'xwing',
  podUID: 'u-1',
  containerName: 'spaceship',
  containerImage: 'demo:1',
}
const pod = {
  namespace: 'default',
  name: 'xwing',
  uid: 'u-1',
  container: { name: 'spaceship', image: 'demo:1' },
}

describe('the report of a runtime hook', () => {
  it('names the pod in its fields', () => {
    const found = readCreateContainer({ containerID: id, ...fields })
    assert.deepEqual([found?.pod, found?.id, found?.names.scheme], [pod, id, 'containerd'])
  })

  it('names the pod in annotations', () => {
    const found = readCreateContainer({ containerID: id, annotations: xwing })
    assert.equal(found?.pod.container?.name, 'spaceship')
    const sandbox = readCreateContainer({ containerID: id, annotations: xwingSandbox, ...fields })
    assert.deepEqual(sandbox?.pod, { ...pod, container: undefined })
    const annotations = {
      'io.kubernetes.cri-o.ContainerType': 'container',
      'io.kubernetes.cri-o.KubeName': 'xwing',
      'io.kubernetes.cri-o.Namespace': 'default',
      'io.kubernetes.container.name': 'spaceship',
    }
    assert.equal(readCreateContainer({ containerID: id, annotations })?.names.scheme, 'cri-o')
  })

  it('has the id in the path of the control group', () => {
    for (const cgroupsPath of [
      `/kubepods/besteffort/podu-1/${id}`,
      `kubepods-besteffort-podu_1.slice:cri-containerd:${id}`,
      `/kubepods.slice/crio-${id}.scope`,
    ]) {
      assert.equal(readCreateContainer({ cgroupsPath, ...fields })?.id, id)
    }
  })

  it('may be about a container outside of pods', () => {
    assert.equal(readCreateContainer({ containerID: id }), undefined)
    assert.equal(readCreateContainer({ containerID: id, podName: 'a' }), undefined)
  })

  const wrong: readonly (readonly [string, CreateContainer])[] = [
    ['podName', { ...fields, podName: 'a\nb' }],
    ['podNamespace', { ...fields, podNamespace: 'x'.repeat(254) }],
    ['podUID', { ...fields, podUID: ' ' }],
    ['containerName', { ...fields, containerName: 'ä' }],
    ['containerImage', { ...fields, containerImage: '\0' }],
    ['containerID', { ...fields, containerID: 'abc' }],
    ['containerID', { ...fields, containerID: `docker-${id}.scope` }],
    ['cgroupsPath', { ...fields, containerID: '', cgroupsPath: '/a/b' }],
    ['annotations', { annotations: { ...xwing, 'io.kubernetes.cri.sandbox-name': '\n' } }],
  ]
  for (const [field, request] of wrong) {
    it(`is refused with an invalid ${field}`, () => {
      const message = `read CreateContainer: invalid ${field}`
      assert.throws(() => readCreateContainer({ containerID: id, ...request }), {
        code: 'invalid',
        message,
      })
    })
  }

  it('of any content names a pod, none, or is refused', () => {
    const keys = Object.keys({ ...fields, containerID: '', cgroupsPath: '' })
    const request = fc.dictionary(fc.constantFrom(...keys), fc.string())
    fc.assert(
      fc.property(request, (given) => {
        try {
          const found = readCreateContainer(given)
          if (found !== undefined) assert.match(found.id, /^[0-9a-f]{64}$/)
        } catch (error) {
          assert.ok(error instanceof RequestError)
        }
      }),
    )
  })
})
