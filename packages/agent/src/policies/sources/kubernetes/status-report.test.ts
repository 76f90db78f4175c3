import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ApiClient, fields, list } from '@tetragon-ts/kubernetes'
import { FakeApiServer } from '@tetragon-ts/kubernetes/testing'
import { nodeStatusOf, type ReportedPolicy } from './node-status.ts'
import { defaultReportMs, type ReportMs, reportWindowMs } from './report-times.ts'
import { StatusReport } from './status-report.ts'

const path = '/apis/cilium.io/v1alpha1/tracingpolicynodestatuses'
const pod = { namespace: 'system', name: 'tetragon-x', uid: 'u1' }
const fast: ReportMs = { settle: 1, window: 0, look: 5, verify: 20, retry: { min: 1, max: 4 } }

/** The message of an API server of 1.20 while no pod of a webhook is ready. */
const noEndpoints =
  'Internal error occurred: failed calling webhook "tracingpolicynodestatuses.tetragon.cilium.io": ' +
  'Post "https://tetragon-operator-webhook.kube-system.svc:443/validate/tracingpolicynodestatuses?timeout=5s": ' +
  'no endpoints available for service "tetragon-operator-webhook"'

/** A client that gives up after milliseconds. */
function impatient({ url }: FakeApiServer): ApiClient {
  const address = { url: new URL(url), tls: () => ({}), authorization: () => undefined }
  return new ApiClient(address, { answerMs: 20, pageMs: 20 })
}

describe('the report of an agent', () => {
  let server: FakeApiServer
  let report: StatusReport
  let policies: ReportedPolicy[]
  let log: string[]
  let infos: string[]
  let client: ApiClient
  beforeEach(async () => {
    server = await FakeApiServer.start()
    policies = [{ ref: 'AAAAAAAA', state: 'enabled', error: '' }]
    log = []
    infos = []
    client = server.client()
  })
  afterEach(() => {
    report.close()
    server.close()
  })

  function start(ms: ReportMs = fast): void {
    const sink = {
      info: (message: string) => infos.push(message),
      warning: (message: string) => log.push(message),
    }
    report = new StatusReport(client, pod, () => nodeStatusOf(policies), sink, ms)
    report.changed()
  }
  const stored = () => server.get(path, 'system/tetragon-x')
  const enabled = () => fields(stored()?.status).enabled
  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await sleep(2)
  }

  it('is an object with the name of the pod, which is deleted with the pod', async () => {
    start()
    await until(() => enabled() === 'AAAAAAAA')
    const { ownerReferences } = stored()!.metadata
    const owner = { apiVersion: 'v1', kind: 'Pod', name: 'tetragon-x', uid: 'u1' }
    assert.deepEqual(ownerReferences, [owner])
    await sleep(30)
    assert.equal(server.writes(path).length, 1, 'it is written when it changes only')
    policies = [{ ref: 'AAAAAAAA', state: 'disabled', error: '' }]
    await until(() => enabled() === '')
    assert.equal(server.writes(path).length, 2)
  })

  it('names the kernel of the node as soon as it is known', async () => {
    start()
    await until(() => enabled() === 'AAAAAAAA')
    assert.equal(stored()?.metadata.annotations, undefined)
    report.useKernel({ hash: 'ab', size: 7 })
    const name = 'tetragon.cilium.io/kernel'
    await until(() => fields(fields(stored()?.metadata).annotations)[name] === 'ab/7')
    await sleep(30)
    assert.equal(server.writes(path).length, 2)
  })

  it('of an agent that ran in the pod before is replaced, if it differs', async () => {
    start()
    await until(() => enabled() === 'AAAAAAAA')
    report.close()
    start()
    await until(() => server.requests.some(({ method }) => method === 'GET'))
    await sleep(20)
    assert.deepEqual(
      server.writes(path).map(({ method }) => method),
      ['POST', 'POST'],
    )
    report.close()
    policies = []
    start()
    await until(() => enabled() === '')
  })

  it('is written again when someone has deleted or changed it', async () => {
    start()
    await until(() => enabled() === 'AAAAAAAA')
    server.put(path, 'system/tetragon-x', { ...stored()!, status: { enabled: 'BBBBBBBB' } })
    await until(() => enabled() === 'AAAAAAAA')
    server.delete(path, stored()!)
    await until(() => enabled() === 'AAAAAAAA')
  })

  it('is tried again after failures, which are logged once per outage', async () => {
    server.misbehaviour.set(path, 403)
    start()
    await until(() => server.requests.length > 3)
    server.misbehaviour.clear()
    await until(() => enabled() === 'AAAAAAAA')
    assert.equal(log.length, 1)
    assert.match(log[0], /403.*needs the verbs create, get and update/)
  })

  it('waits for the webhook of an operator that starts, which is no warning', async () => {
    let attempts = 0
    server.intercept = ({ method }) =>
      method === 'POST' && ++attempts <= 3 ? { status: 500, message: noEndpoints } : undefined
    start()
    await until(() => enabled() === 'AAAAAAAA')
    assert.deepEqual(log, [])
    assert.equal(infos.length, 1)
    assert.match(
      infos[0]!,
      /no endpoints available.*; it is tried again until the operator is ready/,
    )
  })

  it('warns once when the webhook does not answer for long', async () => {
    server.misbehaviour.set(path, { status: 500, message: noEndpoints })
    start()
    await until(() => server.writes(path).length > 9)
    server.misbehaviour.clear()
    await until(() => enabled() === 'AAAAAAAA')
    assert.equal(infos.length, 1)
    assert.equal(log.length, 1)
    assert.match(log[0]!, /no endpoints available.*; policies work without it/)
  })

  it('warns of other errors of the API server immediately', async () => {
    server.misbehaviour.set(path, 500)
    start()
    await until(() => log.length > 0)
    server.misbehaviour.clear()
    assert.deepEqual(infos, [])
  })

  it('is tried again when the server does not respond', async () => {
    client = impatient(server)
    server.misbehaviour.set(path, 'silent')
    start()
    await until(() => server.requests.length > 1)
    server.misbehaviour.clear()
    await until(() => enabled() === 'AAAAAAAA')
    assert.match(log[0], /no response/)
  })

  it('is one write for many changes, at a moment that depends on the cluster', async (t) => {
    // The write is due in the middle of the window, not at its start by chance.
    t.mock.method(Math, 'random', () => 0.5)
    start({ ...fast, settle: 20, window: 10_000 })
    for (let i = 0; i < 100; i++) {
      policies = [...policies, { ref: `${i}`.padEnd(8, 'A'), state: 'enabled', error: '' }]
      report.changed()
    }
    await sleep(40)
    assert.equal(server.requests.length, 0, 'the cluster is taken for a large one')
    report.useClusterSize(0)
    await until(() => stored() !== undefined)
    assert.equal(server.writes(path).length, 1)
    assert.equal(String(enabled()).length, 101 * 8)
  })

  it('has a window that is short in small clusters, and bounded', () => {
    const seconds = [1, undefined, 5000, 1e9].map(
      (nodes) => reportWindowMs(nodes, defaultReportMs) / 1000,
    )
    assert.deepEqual(seconds, [0.005, 5, 25, 60])
  })
})

describe('the status of a node', () => {
  it('is the same for the same states in any order', () => {
    const policies: ReportedPolicy[] = ['C', 'A', 'B'].map((each) => ({
      ref: each.repeat(8),
      state: each === 'A' ? 'skipped' : 'enabled',
      error: '',
    }))
    const status = nodeStatusOf(policies)
    assert.deepEqual(status, nodeStatusOf(policies.toReversed()))
    assert.equal(status.enabled, 'BBBBBBBBCCCCCCCC')
    assert.deepEqual(status.counts, { enabled: 2, failed: 0, skipped: 1, disabled: 0 })
  })

  it('has bounded texts, and at least one error of many policies', () => {
    const error = Array.from({ length: 100 }, (_, i) => `p: error: e${i} ${'x'.repeat(9999)}`)
    const policies = Array.from({ length: 5000 }, (_, i): ReportedPolicy => {
      return {
        ref: `${i}`.padStart(8, 'A'),
        state: 'failed',
        error: i < 3 ? error.join('\n') : 'x',
      }
    })
    const status = nodeStatusOf(policies)
    assert.equal(status.failed.length, 4096 * 8)
    assert.equal(status.counts.failed, 5000)
    assert.equal(list(status.errors).length, 32)
    assert.equal(new Set(status.errors.map(({ policy }) => policy)).size, 32)
    assert.ok(status.errors.every(({ message }) => message.length <= 512))
    const [{ message }] = nodeStatusOf([
      { ref: 'A', state: 'failed', error: `${'x'.repeat(511)}\u{1f41d}` },
    ]).errors
    assert.equal(message.at(-1), '\ufffd', 'as the API server stores half a character')
  })
})
