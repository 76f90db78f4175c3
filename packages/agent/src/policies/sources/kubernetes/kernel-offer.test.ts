import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fields } from '@tetragon-ts/kubernetes'
import { FakeApiServer } from '@tetragon-ts/kubernetes/testing'
import { kernelPieceName, type NodeKernel } from '@tetragon-ts/policy/status'
import type { KernelFile } from '../../kernel/kernel-file.ts'
import { KernelOffer } from './kernel-offer.ts'

const path = '/apis/cilium.io/v1alpha1/tracingpolicykernels'
const pod = { namespace: 'system', name: 'tetragon-x', uid: 'u1' }
const fast = { start: 0, look: { min: 1, max: 4 }, asked: 5 }

/** A description of three pieces. */
function someKernel(): KernelFile {
  const bytes = randomBytes(600_000)
  return { hash: createHash('sha256').update(bytes).digest('hex'), release: '6.1', bytes }
}

describe('the offer of an agent', () => {
  let server: FakeApiServer
  let offer: KernelOffer
  let file: KernelFile
  let named: NodeKernel[]
  let log: string[]
  beforeEach(async () => {
    server = await FakeApiServer.start()
    file = someKernel()
    named = []
    log = []
  })
  afterEach(() => {
    offer.close()
    server.close()
  })

  function start(describe = async () => file): void {
    const sink = { info: () => {}, warning: (message: string) => log.push(message) }
    offer = new KernelOffer(server.client(), pod, describe, (it) => named.push(it), sink, fast)
  }

  /** What the operator does. */
  function ask(hash: string, name: string, round = 1): void {
    for (const piece of [0, 1, 2]) {
      const ownerReferences = [{ apiVersion: 'v1', kind: 'Pod', name, uid: 'u' }]
      const named = { name: kernelPieceName(hash, piece), namespace: 'system' }
      const metadata = { ...named, ownerReferences }
      const stored = server.get(path, `system/${metadata.name}`)
      server.set(path, { ...stored, metadata, spec: { hash, piece, pod: name, round } })
    }
  }
  const written = (hash: string) =>
    Buffer.concat(
      [0, 1, 2].map((piece) => {
        const object = server.get(path, `system/${kernelPieceName(hash, piece)}`)
        return Buffer.from(String(fields(object?.status).data ?? ''), 'base64')
      }),
    )
  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await sleep(2)
  }
  const looks = () => server.requests.filter(({ method }) => method === 'GET').length

  it('names the kernel, and writes its description when it is asked', async () => {
    start()
    await until(() => looks() > 2)
    const { hash, bytes } = file
    assert.deepEqual(named, [{ hash, size: bytes.length }])
    assert.equal(server.writes(path).length, 0)
    ask(hash, pod.name)
    await until(() => written(hash).equals(bytes))
    const before = looks()
    await until(() => looks() > before + 6)
    assert.equal(server.writes(path).length, 3, 'it is written once')
    ask(hash, pod.name, 2)
    await until(() => server.writes(path).length === 6)
    assert.ok(written(hash).equals(bytes))
    assert.deepEqual(log, [])
  })

  it('writes nothing for another pod, and does not read what that has written', async () => {
    start()
    ask(file.hash, 'tetragon-y')
    await until(() => looks() > 3)
    assert.equal(server.writes(path).length, 0)
    assert.ok(server.requests.every(({ isMetadata }) => isMetadata))
  })

  it('names the kernel again if it has changed until it is asked', async () => {
    start()
    await until(() => named.length === 1)
    const before = file
    file = someKernel()
    ask(before.hash, pod.name)
    await until(() => named.length === 2)
    assert.equal(named[1].hash, file.hash)
    assert.equal(server.writes(path).length, 0)
  })

  it('continues after failures, which are logged once', async () => {
    let failures = 0
    start(async () => {
      if (++failures < 3) throw new Error('describe kernel: no types')
      return file
    })
    ask(file.hash, pod.name)
    await until(() => written(file.hash).equals(file.bytes))
    const effect = 'the operator does not check policies for this kernel; it is tried again'
    assert.deepEqual(log, [`offer the kernel: describe kernel: no types; ${effect}`])
  })
})
