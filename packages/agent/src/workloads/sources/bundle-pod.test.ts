import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { containerdNames, crioNames, readBundlePod } from './bundle-pod.ts'

const pod = { namespace: 'default', name: 'xwing', uid: '1a2b' }
const container = {
  'io.kubernetes.cri.container-name': 'spaceship',
  'io.kubernetes.cri.container-type': 'container',
  'io.kubernetes.cri.image-name': 'quay.io/cilium/alpine-curl:v1.5.0',
  'io.kubernetes.cri.sandbox-id': 'f'.repeat(64),
  'io.kubernetes.cri.sandbox-name': 'xwing',
  'io.kubernetes.cri.sandbox-namespace': 'default',
  'io.kubernetes.cri.sandbox-uid': '1a2b',
}

describe('annotations of a bundle', () => {
  it('of containerd name the pod and its container', () => {
    assert.deepEqual(readBundlePod(container, containerdNames), {
      ...pod,
      container: { name: 'spaceship', image: 'quay.io/cilium/alpine-curl:v1.5.0' },
    })
  })

  it('of CRI-O do so too', () => {
    const annotations = {
      'io.kubernetes.container.name': 'spaceship',
      'io.kubernetes.cri-o.ContainerType': 'container',
      'io.kubernetes.cri-o.ImageName': 'docker.io/library/x:1',
      'io.kubernetes.cri-o.KubeName': 'xwing',
      'io.kubernetes.cri-o.Namespace': 'default',
      'io.kubernetes.pod.uid': '1a2b',
    }
    assert.deepEqual(readBundlePod(annotations, crioNames), {
      ...pod,
      container: { name: 'spaceship', image: 'docker.io/library/x:1' },
    })
  })

  it('of a sandbox name the pod alone', () => {
    const annotations = { ...container, 'io.kubernetes.cri.container-type': 'sandbox' }
    assert.deepEqual(readBundlePod(annotations, containerdNames), { ...pod, container: undefined })
  })

  it('of other containers, and of other runtimes, name no pod', () => {
    assert.equal(readBundlePod({}, containerdNames), undefined)
    assert.equal(readBundlePod(container, crioNames), undefined)
    const inherited = Object.create(container) as Record<string, unknown>
    assert.equal(readBundlePod(inherited, containerdNames), undefined)
  })

  it('may lack the uid and the image', () => {
    const { 'io.kubernetes.cri.sandbox-uid': _, ...annotations } = container
    const all = { ...annotations, 'io.kubernetes.cri.image-name': '' }
    assert.deepEqual(readBundlePod(all, containerdNames), {
      ...pod,
      uid: '',
      container: { name: 'spaceship', image: '' },
    })
  })

  for (const [key, value] of [
    ['sandbox-name', undefined],
    ['sandbox-name', ''],
    ['sandbox-name', 'x'.repeat(254)],
    ['sandbox-namespace', 'a b'],
    ['sandbox-uid', 'a\n'],
    ['container-name', 'a\u202eb'],
    ['image-name', `${'x'.repeat(1025)}`],
    ['image-name', 5],
    ['container-type', 'third'],
    ['container-type', ['container']],
  ] as const) {
    it(`are refused: ${key} ${JSON.stringify(value)?.slice(0, 20)}`, () => {
      const annotations: Record<string, unknown> = { ...container }
      annotations[`io.kubernetes.cri.${key}`] = value
      assert.equal(readBundlePod(annotations, containerdNames), 'malformed')
    })
  }

  it('of any content give a pod with printable names, or none', () => {
    const value = fc.oneof(fc.string(), fc.jsonValue(), fc.constantFrom('container', 'sandbox'))
    const annotations = fc.dictionary(fc.constantFrom(...Object.keys(container)), value)
    fc.assert(
      fc.property(annotations, (given) => {
        const found = readBundlePod(given, containerdNames)
        if (found === undefined || found === 'malformed') return
        for (const text of [found.namespace, found.name, found.container?.name ?? 'x']) {
          assert.match(text, /^[!-~]{1,253}$/)
        }
      }),
    )
  })
})
