import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { FakeApiServer } from '@tetragon-ts/kubernetes/testing'
import type { PodChanges } from '../../pod-facts.ts'
import { PodWatch } from './pod-watch.ts'

const path = '/api/v1/pods'
const pod = (uid: string, app: string) => ({
  metadata: { uid, namespace: 'default', name: `pod-${uid}`, labels: { app } },
})

describe('the watch of pods', () => {
  let server: FakeApiServer
  let folder: string
  let warnings: string[]

  beforeEach(async () => {
    server = await FakeApiServer.start()
    folder = mkdtempSync(join(tmpdir(), 'pod-watch-'))
    warnings = []
  })
  afterEach(() => {
    server.close()
    rmSync(folder, { recursive: true })
  })

  /** Starts a watch, and waits for a change that a condition accepts. */
  async function watchUntil(accepts: (changes: PodChanges) => boolean) {
    const kubeconfig = join(folder, 'kubeconfig')
    const config = {
      'current-context': 'x',
      clusters: [{ name: 'c', cluster: { server: server.url } }],
      users: [{ name: 'u', user: {} }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    }
    writeFileSync(kubeconfig, JSON.stringify(config))
    const savedPath = join(folder, 'pods.json')
    const options = { kubeconfig, nodeName: 'n', annotations: false, savedPath }
    const seen: string[] = []
    let watch: PodWatch | undefined
    await new Promise<void>((resolve) => {
      watch = new PodWatch(options, {
        changed(changes) {
          const pods = changes.pods.map(({ uid, labels }) => `${uid}=${labels.app}`)
          seen.push(`${changes.isComplete ? 'all' : 'some'} ${pods.join()}`)
          if (accepts(changes)) resolve()
        },
        warn: (message) => warnings.push(message),
      })
    })
    await watch!.close()
    return { seen, savedPath }
  }

  it('begins with the pods of an earlier agent while the API server is away', async () => {
    for (const [uid, app] of Object.entries({ a: 'web', b: 'db' })) server.set(path, pod(uid, app))
    const { savedPath } = await watchUntil(({ isComplete }) => isComplete)
    assert.equal(statSync(savedPath).mode & 0o777, 0o600)

    server.misbehaviour.set(path, 503)
    server.delete(path, pod('b', 'db'))
    server.set(path, pod('a', 'changed'))
    const { seen } = await watchUntil(({ isComplete }) => {
      server.misbehaviour.clear()
      return isComplete
    })
    assert.deepEqual(seen, ['some b=db,a=web', 'all a=changed'])
  })

  it('ignores a file that it cannot use', async () => {
    server.misbehaviour.set(path, 503)
    for (const text of ['{"version":"other","pods":[{"uid":"a"}]}', 'null', '{']) {
      writeFileSync(join(folder, 'pods.json'), text, { mode: 0o600 })
      const { seen } = await watchUntil(() => true)
      assert.deepEqual(seen, ['some '])
    }
    assert.equal(warnings.filter((each) => each.startsWith('read pods of')).length, 2)
  })
})
