import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { fields } from '@tetragon-ts/kubernetes'
import { FakeApiServer } from '@tetragon-ts/kubernetes/testing'
import { kernelAnnotation, kernelPieceBytes, kernelText } from '@tetragon-ts/policy/status'
import { until } from '../testing/until.ts'
import { requestKernels } from './kernel-requests.ts'
import { KernelWatch } from './kernel-watch.ts'

const [pods, reports, pieces] = [
  '/api/v1/pods',
  '/apis/cilium.io/v1alpha1/tracingpolicynodestatuses',
  '/apis/cilium.io/v1alpha1/tracingpolicykernels',
] as const
const account = { namespace: 'system', name: 'agent' }

const description = randomBytes(600_000)
const hash = createHash('sha256').update(description).digest('hex')

describe('descriptions of the kernels of a cluster', () => {
  let server: FakeApiServer
  let watch: KernelWatch
  let end: AbortController
  let working: Promise<unknown>
  let errors: string[]
  beforeEach(async () => {
    server = await FakeApiServer.start()
    end = new AbortController()
    errors = []
  })
  afterEach(async () => {
    end.abort()
    await working
    await watch.close()
    server.close()
  })

  function start(): void {
    const failed = (error: Error): void => void errors.push(error.message)
    const listener = { watched: () => {}, failed: (_: string, error: Error) => failed(error) }
    const client = server.client()
    watch = new KernelWatch(client, account, listener, end.signal, { min: 1, max: 5 })
    working = requestKernels(client, watch, failed, end.signal, 2)
  }

  function addNode(name: string, kernel = { hash, size: description.length }): void {
    const metadata = { name, namespace: 'system', uid: `uid-${name}` }
    const conditions = [{ type: 'Ready', status: 'True' }]
    server.set(pods, { metadata, spec: { nodeName: `node-${name}` }, status: { conditions } })
    const annotations = { [kernelAnnotation]: kernelText(kernel) }
    server.set(reports, { metadata: { name, namespace: 'system', annotations } as never })
  }
  function removeNode(name: string): void {
    for (const path of [pods, reports]) server.delete(path, server.get(path, `system/${name}`)!)
    for (const key of server.keys(pieces)) {
      if (askedPod(key) === name) server.delete(pieces, server.get(pieces, key)!)
    }
  }
  const specOf = (key: string) => fields(server.get(pieces, key)?.spec)
  const askedPod = (key: string) => specOf(key).pod
  const asked = () => [...new Set(server.keys(pieces).map(askedPod))]

  /** What an agent does that was asked. */
  function answer(bytes = description): void {
    for (const key of server.keys(pieces)) {
      const { piece, round } = specOf(key)
      const at = Number(piece) * kernelPieceBytes
      const data = bytes.toString('base64', at, at + kernelPieceBytes)
      server.put(pieces, key, { ...server.get(pieces, key)!, status: { round, data } })
    }
  }

  it('are requested from one agent of each kernel, and kept', async () => {
    for (const name of ['a', 'b', 'c']) addNode(name)
    start()
    await until(() => server.keys(pieces).length === 3)
    assert.deepEqual(asked(), ['a'])
    const { ownerReferences } = server.get(pieces, server.keys(pieces)[0])!.metadata as never
    assert.deepEqual(ownerReferences, [{ apiVersion: 'v1', kind: 'Pod', name: 'a', uid: 'uid-a' }])
    assert.equal(watch.sizes.awaited, 1)
    answer()
    await until(() => watch.sizes.known === 1)
    assert.ok(watch.descriptions.bytesOf(hash)?.equals(description))
    const before = server.writes(pieces).length
    addNode('d')
    await until(() => watch.kernels.kept[0].pods.length === 4)
    assert.equal(server.writes(pieces).length, before)
    assert.deepEqual(errors, [])
  })

  it('are requested from another agent when the node leaves, and go with the last', async () => {
    for (const name of ['a', 'b']) addNode(name)
    start()
    await until(() => server.keys(pieces).length === 3)
    answer()
    await until(() => watch.sizes.known === 1)
    removeNode('a')
    await until(() => asked()[0] === 'b')
    assert.equal(watch.sizes.known, 1, 'the description is still known')
    removeNode('b')
    await until(() => watch.kernels.kept.length === 0)
    assert.equal(watch.descriptions.bytesOf(hash), undefined)
  })

  it('that are wrong are requested from another agent', async () => {
    for (const name of ['a', 'b']) addNode(name)
    start()
    await until(() => server.keys(pieces).length === 3)
    answer(randomBytes(description.length))
    await until(() => server.keys(pieces).length === 3 && asked().join() === 'b')
    assert.equal(watch.descriptions.bytesOf(hash), undefined)
    assert.ok(server.keys(pieces).every((key) => specOf(key).round === 2))
    answer()
    await until(() => watch.sizes.known === 1)
  })

  for (const size of [1, 2_000_000]) {
    it(`are kept although the first node has claimed ${size} bytes`, async () => {
      addNode('evil', { hash, size })
      start()
      await until(() => server.keys(pieces).length === Math.ceil(size / kernelPieceBytes))
      answer()
      for (const name of ['a', 'b']) addNode(name)
      await until(() => watch.kernels.kept[0].size === description.length)
      await until(() => server.keys(pieces).length >= 3)
      answer()
      await until(() => watch.sizes.known === 1)
      assert.ok(watch.descriptions.bytesOf(hash)?.equals(description))
      const before = server.writes(pieces).length
      addNode('c')
      await until(() => watch.kernels.kept[0].pods.length === 3)
      assert.equal(server.writes(pieces).length, before, 'no piece is missing')
    })
  }

  it('survive a new operator', async () => {
    addNode('a')
    start()
    await until(() => server.keys(pieces).length === 3)
    answer()
    await until(() => watch.sizes.known === 1)
    end.abort()
    await working
    const before = server.writes(pieces).length
    end = new AbortController()
    start()
    await until(() => watch.sizes.known === 1)
    assert.equal(server.writes(pieces).length, before)
  })

  it('of any content cannot do harm', async () => {
    addNode('a')
    for (const name of ['x', `${hash}-99`, `${hash}-0`]) {
      const status = { round: 'x', data: 5 }
      server.set(pieces, {
        metadata: { name, namespace: 'system' },
        spec: { hash: 4 },
        status,
      } as never)
    }
    start()
    await until(() => server.keys(pieces).length > 3)
    assert.equal(watch.descriptions.bytesOf(hash), undefined)
  })
})
