import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { fields, list } from '@tetragon-ts/kubernetes'
import { FakeApiServer } from '@tetragon-ts/kubernetes/testing'
import { until } from '../testing/until.ts'
import { PodInfos } from './pod-infos.ts'

const [pods, podInfos] = ['/api/v1/pods', '/apis/cilium.io/v1alpha1/podinfo']

describe('PodInfo objects', () => {
  let server: FakeApiServer
  let end: AbortController
  let log: string[]
  let running: PodInfos
  const counts = { created: 0, updated: 0, errors: 0 }
  beforeEach(async () => {
    server = await FakeApiServer.start()
    end = new AbortController()
    log = []
    Object.assign(counts, { created: 0, updated: 0, errors: 0 })
  })
  afterEach(async () => {
    end.abort()
    await running.close()
    server.close()
  })

  function start(): void {
    const listener = {
      watched: (kind: string, error?: Error) => log.push(`${kind}: ${error?.message ?? 'works'}`),
      failed: (key: string, error: Error) => log.push(`${key}: ${error.message}`),
    }
    running = new PodInfos(server.client(), listener, counts, end.signal)
  }
  const put = (name: string, ip = '', labels: object = {}, uid = name) =>
    server.put(pods, `n/${name}`, {
      metadata: { name, namespace: 'n', uid, labels },
      status: ip === '' ? {} : { podIP: ip, podIPs: [{ ip }] },
    })
  const address = (name: string) => fields(server.get(podInfos, `n/${name}`)?.status).podIP

  it('are written for pods that exist at the start, across pages of the list', async () => {
    for (let i = 0; i < 250; i++) put(`p${i}`, `10.0.0.${i}`)
    start()
    await until(() => counts.created === 250)
    assert.equal(address('p249'), '10.0.0.249')
    await until(() => running.sizes.podInfos === 250 && running.sizes.waiting === 0)
    assert.equal(running.sizes.pods, 250)
  })

  it('follow their pods, which have no address at first', async () => {
    start()
    put('p')
    put('p', '10.0.0.1')
    await until(() => counts.created === 1)
    assert.equal(address('p'), '10.0.0.1')
    put('p', '10.0.0.2', { app: 'x' })
    await until(() => counts.updated === 1)
    assert.equal(address('p'), '10.0.0.2')
    assert.deepEqual(server.get(podInfos, 'n/p')?.metadata.labels, { app: 'x' })
    // Another pod with the same name.
    put('p', '10.0.0.2', { app: 'x' }, 'other')
    const owner = () => fields(list(server.get(podInfos, 'n/p')?.metadata.ownerReferences)[0])
    await until(() => counts.updated === 2)
    assert.equal(owner().uid, 'other')
    assert.deepEqual({ ...counts }, { created: 1, updated: 2, errors: 0 })
  })

  it('that agree with their pods are not written again', async () => {
    put('p', '10.0.0.1')
    start()
    await until(() => counts.created === 1)
    end.abort()
    await running.close()
    end = new AbortController()
    start()
    put('q', '10.0.0.2')
    await until(() => counts.created === 2)
    assert.equal(server.writes(podInfos).length, 2)
  })

  it('are written again when someone deletes them, and not for deleted pods', async () => {
    put('p', '10.0.0.1')
    put('q', '10.0.0.1')
    start()
    await until(() => counts.created === 2)
    server.delete(pods, { metadata: { namespace: 'n', name: 'q' } })
    server.delete(podInfos, { metadata: { namespace: 'n', name: 'q' } })
    server.delete(podInfos, { metadata: { namespace: 'n', name: 'p' } })
    await until(() => counts.created === 3)
    assert.deepEqual(server.keys(podInfos), ['n/p'])
  })

  it('are written once, although another operator is faster', async () => {
    let isFirst = true
    server.intercept = ({ method, path, body }) => {
      if (method !== 'POST' || path !== podInfos || !isFirst) return undefined
      isFirst = false
      server.put(podInfos, 'n/p', body!)
      return undefined
    }
    put('p', '10.0.0.1')
    start()
    await until(() => running.sizes.podInfos === 1 && running.sizes.waiting === 0)
    assert.deepEqual({ ...counts }, { created: 0, updated: 0, errors: 0 })
  })

  it('that cannot be written do not stop others', async () => {
    server.intercept = ({ method, key, body }) =>
      method === 'POST' && (key === 'n' ? body?.metadata.name : key) === 'bad' ? 422 : undefined
    put('bad', '10.0.0.1')
    put('good', '10.0.0.2')
    start()
    await until(() => counts.created === 1 && counts.errors > 0)
    assert.equal(address('good'), '10.0.0.2')
    assert.deepEqual(
      log.filter((each) => !each.endsWith('works')),
      ['n/bad: 422 "refused with 422"'],
    )
  })

  it('are written after the API server was gone, and after 410', async () => {
    start()
    await until(() => running.sizes.pods === 0 && server.requests.length >= 4)
    server.intercept = ({ method, query }) =>
      method === 'GET' && query.has('watch') ? 410 : undefined
    server.reset()
    put('p', '10.0.0.1')
    await until(() => counts.created === 1)
    const of = (kind: string) => log.filter((each) => each.startsWith(`${kind}: `))
    assert.ok(of('pods').some((each) => !each.endsWith('works')))
    // Without any change of a PodInfo.
    server.intercept = () => undefined
    await until(() => of('PodInfo objects').at(-1) === 'PodInfo objects: works')
  })

  it('are not made of objects without a name', async () => {
    server.put(pods, 'odd', { metadata: { name: 5 }, status: { podIP: 'x' } })
    server.put(pods, 'n/odd', { metadata: {}, status: 7 })
    put('p', '10.0.0.1')
    start()
    await until(() => counts.created === 1)
    assert.deepEqual(server.keys(podInfos), ['n/p'])
  })
})
