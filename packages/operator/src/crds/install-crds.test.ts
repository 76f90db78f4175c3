import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { FakeApiServer } from '@tetragon-ts/kubernetes/testing'
import { podInfoCrd, policyCrds, versionLabel } from '@tetragon-ts/policy/crds'
import { until } from '../testing/until.ts'
import { crdPath } from './crd-plan.ts'
import { waitUntilEstablished } from './established.ts'
import { installCrds } from './install-crds.ts'

const crds = [...policyCrds(), podInfoCrd()]
const [{ metadata }] = crds
const names = crds.map((crd) => crd.metadata.name)

describe('CRDs', () => {
  let server: FakeApiServer
  const end = new AbortController()
  beforeEach(async () => {
    server = await FakeApiServer.start()
  })
  afterEach(() => server.close())

  const install = async (force = false) => {
    const plans = await installCrds(server.client(), crds, force, end.signal)
    return plans.map(({ action }) => action)
  }
  const installed = (version: string | undefined, more: object = {}) =>
    server.put(crdPath, metadata.name, {
      metadata: {
        name: metadata.name,
        labels: { mine: 'x', ...(version !== undefined && { [versionLabel]: version }) },
        annotations: { also: 'mine' },
      },
      spec: { old: true },
      ...more,
    })
  const labels = () => server.get(crdPath, metadata.name)?.metadata.labels

  it('are created with the version of their schema, and kept from then on', async () => {
    assert.deepEqual(await install(), Array(6).fill('create'))
    assert.deepEqual(server.keys(crdPath), names)
    assert.deepEqual(labels(), metadata.labels)
    assert.deepEqual(await install(), Array(6).fill('keep'))
    assert.equal(server.writes(crdPath).length, 6)
  })

  it('are upgraded if they are older, with the labels of others', async () => {
    for (const version of ['1.0.0', undefined, 'nonsense']) {
      installed(version)
      assert.equal((await install())[0], 'upgrade', version)
      assert.deepEqual(labels(), { mine: 'x', ...metadata.labels })
      const { spec, metadata: stored } = server.get(crdPath, metadata.name)!
      assert.equal((spec as { group?: string }).group, 'cilium.io')
      assert.deepEqual(stored.annotations, { also: 'mine' })
    }
  })

  it('are not downgraded, unless that is forced', async () => {
    installed('99.0.0')
    assert.equal((await install())[0], 'keep')
    assert.equal((await install(true))[0], 'replace')
    assert.deepEqual(labels(), { mine: 'x', ...metadata.labels })
  })

  it('are all checked before the first one is written', async () => {
    server.intercept = ({ method, body }) =>
      method === 'POST' && body?.metadata.name === names.at(-1) ? 403 : undefined
    const message = /^create CRD podinfo.cilium.io: 403 /
    await assert.rejects(install(), { code: 'OPERATOR_CRD', message })
    assert.deepEqual(server.keys(crdPath), [])
  })

  it('of two operators at the same time are written once', async () => {
    installed('1.0.0')
    server.intercept = ({ method, query }) => {
      if (method === 'PUT' && !query.has('dryRun')) installed('99.0.0')
      return undefined
    }
    await assert.rejects(install(), { code: 'OPERATOR_CRD', message: /^upgrade CRD .*: 409 / })
    assert.equal((labels() as Record<string, string>)[versionLabel], '99.0.0')
  })

  it('may have any content in the API server', async () => {
    for (const odd of [{ metadata: { labels: 5 } }, { metadata: { labels: [{}] }, spec: null }]) {
      const { resourceVersion } = server.put(crdPath, metadata.name, { ...odd }).metadata
      assert.ok(resourceVersion)
      assert.equal((await install())[0], 'upgrade')
    }
  })

  it('are awaited until they are established', async () => {
    const condition = (type: string, status: string, message = '') =>
      installed(undefined, { status: { conditions: [{ type, status, message }] } })
    const wait = () =>
      waitUntilEstablished(server.client(), [metadata.name], end.signal, { poll: 1, limit: 60_000 })
    installed(undefined, { status: {} })
    let isDone = false
    const waiting = wait().then(() => {
      isDone = true
    })
    await until(() => server.requests.length > 3)
    assert.equal(isDone, false)
    condition('Established', 'True')
    await waiting
    condition('NamesAccepted', 'False', 'tgtp is taken')
    await assert.rejects(wait(), {
      code: 'OPERATOR_CRD',
      message: /names are in use: tgtp is taken/,
    })
  })
})
