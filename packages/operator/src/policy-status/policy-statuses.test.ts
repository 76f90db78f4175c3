import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ApiClient, fields, list } from '@tetragon-ts/kubernetes'
import { FakeApiServer } from '@tetragon-ts/kubernetes/testing'
import { policyRef } from '@tetragon-ts/policy/status'
import { until } from '../testing/until.ts'
import { PolicyStatuses } from './policy-statuses.ts'

const group = '/apis/cilium.io/v1alpha1'
const [clusterPath, namespacedPath] = ['tracingpolicies', 'tracingpoliciesnamespaced'].map(
  (plural) => `${group}/${plural}`,
) as [string, string]
const reportPath = `${group}/tracingpolicynodestatuses`
const podPath = '/api/v1/pods'
const fast = { eventsPerSecond: 1e9, spacingMinMs: 1, repeatMinMs: 1 }

describe('the status of policies', () => {
  let server: FakeApiServer
  let end: AbortController
  let log: string[]
  let client: ApiClient
  let running: PolicyStatuses
  const counts = { written: 0, errors: 0 }
  beforeEach(async () => {
    server = await FakeApiServer.start()
    log = []
    client = server.client()
    Object.assign(counts, { written: 0, errors: 0 })
  })
  afterEach(async () => {
    end.abort()
    await running.close()
    server.close()
  })

  it('is also that of detection rules', async () => {
    const rulePath = `${group}/detectionrules`
    server.put(rulePath, 'r', { metadata: { name: 'r', uid: 'r', generation: 1 }, spec: {} })
    const ref = policyRef('r', 1)
    putAgent('n1')
    putAgent('n2')
    putReport('n1', { enabled: ref })
    const error = { policy: ref, path: 'spec.rules:3:5', message: 'no field' }
    putReport('n2', { failed: ref, errors: [error] })
    start()
    const status = () => fields(server.get(rulePath, 'r')?.status)
    await until(() => status().nodes === 2)
    assert.deepEqual([status().enabled, status().failed], [1, 1])
    const [first] = list(status().errors).map(fields)
    assert.deepEqual([first.path, first.nodeNames], ['spec.rules:3:5', ['n2']])
  })

  it('is no problem for detection rules whose kind is not installed', async () => {
    const rulePath = `${group}/detectionrules`
    server.misbehaviour.set(rulePath, 404)
    putPolicy('p')
    putAgent('n1')
    putReport('n1', { enabled: policyRef('p', 1) })
    start()
    await untilNumbers('p', '1 1 0 0 0')
    await until(() => server.requests.some(({ path }) => path === rulePath))
    assert.deepEqual(
      log.filter((line) => line.startsWith('detectionrules')),
      [],
    )
  })

  function start(): void {
    end = new AbortController()
    const listener = {
      watched: (kind: string, error?: Error) => log.push(`${kind}: ${error?.message ?? 'works'}`),
      failed: (key: string, error: Error) => log.push(`${key}: ${error.message}`),
    }
    const account = { namespace: 'system', name: 'agent' }
    running = new PolicyStatuses(client, account, listener, counts, end.signal, fast)
  }

  function putAgent(node: string, ready = 'True'): void {
    server.put(podPath, `system/agent-${node}`, {
      metadata: { name: `agent-${node}`, namespace: 'system' },
      spec: { nodeName: node },
      status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready }] },
    })
  }
  function putReport(node: string, status: object): void {
    const metadata = { name: `agent-${node}`, namespace: 'system' }
    server.put(reportPath, `system/agent-${node}`, { metadata, status })
  }
  const putPolicy = (name: string, generation = 1, uid = name) =>
    server.put(clusterPath, name, {
      metadata: { name, uid, generation },
      spec: { kprobes: [name] },
      status: server.get(clusterPath, name)?.status,
    })
  const status = (name: string, path = clusterPath) => fields(server.get(path, name)?.status)
  const numbers = (name: string) => {
    const { nodes, enabled, failed, skipped, pending } = status(name)
    return [nodes, enabled, failed, skipped, pending].join(' ')
  }
  const untilNumbers = (name: string, expected: string) => until(() => numbers(name) === expected)

  it('has the numbers of nodes, and a condition to wait for', async () => {
    putPolicy('p')
    for (const node of ['n1', 'n2', 'n3', 'n4']) putAgent(node)
    putReport('n1', { enabled: policyRef('p', 1) })
    putReport('n2', { enabled: policyRef('other', 1), skipped: policyRef('p', 1) })
    start()
    await untilNumbers('p', '4 1 0 1 2')
    const condition = () => fields(list(status('p').conditions)[0])
    assert.equal(condition().status, 'Unknown')
    for (const node of ['n3', 'n4']) putReport(node, { enabled: policyRef('p', 1) })
    await untilNumbers('p', '4 3 0 1 0')
    const { type, status: isTrue, message, observedGeneration } = condition()
    assert.deepEqual([type, isTrue, observedGeneration], ['Enabled', 'True', 1])
    assert.equal(message, 'enabled on 3 of 3 selected nodes')
    assert.deepEqual(server.get(clusterPath, 'p')?.spec, { kprobes: ['p'] })
  })

  it('has the errors with their path and nodes, those of most nodes first', async () => {
    const metadata = { name: 'p', namespace: 'shop', uid: 'p', generation: 1 }
    server.put(namespacedPath, 'shop/p', { metadata, spec: {} })
    const ref = policyRef('p', 1)
    for (let i = 10; i < 30; i++) {
      putAgent(`n${i}`)
      const message = i === 20 ? 'no such function' : 'unknown field'
      const errors = [{ policy: ref, path: 'spec.kprobes[0]', message }]
      putReport(`n${i}`, { failed: ref, errors })
    }
    start()
    await until(() => status('shop/p', namespacedPath).failed === 20)
    const { errors, conditions } = status('shop/p', namespacedPath)
    const [first, second] = list(errors).map(fields)
    const common = { path: 'spec.kprobes[0]', message: 'unknown field', nodes: 19 }
    const nodeNames = Array.from({ length: 10 }, (_, i) => `n${10 + i}`)
    assert.deepEqual(first, { ...common, nodeNames })
    assert.deepEqual(second, {
      path: 'spec.kprobes[0]',
      message: 'no such function',
      nodes: 1,
      nodeNames: ['n20'],
    })
    assert.match(String(fields(list(conditions)[0]).message), /failed on 20: unknown field$/)
  })

  it('is about the newest generation, and about agents that run', async () => {
    putPolicy('p')
    for (const node of ['n1', 'n2']) {
      putAgent(node)
      putReport(node, { enabled: policyRef('p', 1) })
    }
    start()
    await untilNumbers('p', '2 2 0 0 0')
    putPolicy('p', 2)
    await untilNumbers('p', '2 0 0 0 2')
    assert.equal(status('p').observedGeneration, 2)
    putReport('n1', { enabled: policyRef('p', 2) })
    putReport('n2', { enabled: policyRef('p', 2) })
    await untilNumbers('p', '2 2 0 0 0')
    putAgent('n2', 'False')
    await untilNumbers('p', '2 1 0 0 1')
    server.delete(podPath, { metadata: { namespace: 'system', name: 'agent-n2' } })
    await untilNumbers('p', '1 1 0 0 0')
    putReport('unknown', { enabled: policyRef('p', 2) })
    putReport('n1', { enabled: '' })
    await untilNumbers('p', '1 0 0 0 1')
  })

  it('is not written while nothing is known, nor again when it is right', async () => {
    putPolicy('p')
    putAgent('n1')
    putReport('n1', { enabled: policyRef('p', 1) })
    server.misbehaviour.set(reportPath, 403)
    start()
    await until(() => log.includes('tracingpolicynodestatuses: 403 "refused with 403"'))
    await sleep(20)
    assert.equal(server.writes(clusterPath).length, 0)
    server.misbehaviour.clear()
    await untilNumbers('p', '1 1 0 0 0')
    end.abort()
    await running.close()
    start()
    putPolicy('q')
    await untilNumbers('q', '1 0 0 0 1')
    const written = server.writes(clusterPath).map(({ key }) => key)
    assert.deepEqual(written, ['p', 'q'])
  })

  it('of a policy that was deleted and created again is not mistaken', async () => {
    putAgent('n1')
    putPolicy('p', 1, 'old')
    putReport('n1', { enabled: policyRef('old', 1) })
    start()
    await untilNumbers('p', '1 1 0 0 0')
    server.delete(clusterPath, server.get(clusterPath, 'p')!)
    putPolicy('p', 1, 'new')
    await untilNumbers('p', '1 0 0 0 1')
  })

  it('is written although another replica is faster, and after an outage and 410', async () => {
    putAgent('n1')
    putPolicy('p')
    let isFirst = true
    server.intercept = ({ method, path }) => {
      if (method !== 'PUT' || path !== clusterPath || !isFirst) return undefined
      isFirst = false
      putPolicy('p')
      return undefined
    }
    start()
    await untilNumbers('p', '1 0 0 0 1')
    server.misbehaviour.set(reportPath, 'reset')
    server.reset()
    putReport('n1', { enabled: policyRef('p', 1) })
    server.misbehaviour.clear()
    await untilNumbers('p', '1 1 0 0 0')
    await until(() => server.watches(reportPath) === 1)
    server.expire(reportPath, { metadata: { namespace: 'system', name: 'agent-n1' } })
    await untilNumbers('p', '1 0 0 0 1')
  })

  it('is written after requests without a response', async () => {
    const address = { url: new URL(server.url), tls: () => ({}), authorization: () => undefined }
    client = new ApiClient(address, { answerMs: 1000, pageMs: 1000 })
    putAgent('n1')
    putPolicy('p')
    let stalls = 2
    server.intercept = ({ method, path }) =>
      path === clusterPath && method === 'PUT' && stalls-- > 0 ? 'silent' : undefined
    start()
    await untilNumbers('p', '1 0 0 0 1')
    assert.ok(log.some((each) => each.endsWith('/tracingpolicies/p: no response')))
    assert.equal(counts.errors, 2)
  })

  it('has agents as pending whose reports do not fit into the memory', async () => {
    putPolicy('p')
    const enabled = policyRef('p', 1)
    for (let i = 0; i < 1100; i++) {
      putAgent(`n${i}`)
      // All different, and as large as the schema allows.
      const other = policyRef(`${i}`, 1).repeat(4095)
      putReport(`n${i}`, { enabled: enabled + other })
    }
    start()
    await until(() => Number(status('p').enabled) > 0)
    assert.ok(running.sizes.omittedReports > 0)
    const { nodes, pending, enabled: known } = status('p')
    assert.equal(nodes, 1100)
    assert.equal(pending, running.sizes.omittedReports)
    assert.equal(Number(known) + Number(pending), 1100)
  })

  it('has reports that follow the removal of many', async () => {
    putPolicy('p')
    putAgent('n1')
    const refs = policyRef('other', 1).repeat(4096)
    const largest = { enabled: refs, failed: refs, skipped: refs, disabled: refs }
    const ended = Array.from({ length: 260 }, (_, i) => `ended${i}`)
    for (const node of ended) putReport(node, largest)
    start()
    await untilNumbers('p', '1 0 0 0 1')
    for (const node of ended) {
      server.delete(reportPath, server.get(reportPath, `system/agent-${node}`)!)
    }
    putReport('n1', { enabled: policyRef('p', 1) })
    await untilNumbers('p', '1 1 0 0 0')
  })

  it('of a hundred policies on 5,000 nodes is computed from pages', async () => {
    const names = Array.from({ length: 100 }, (_, i) => `p${i}`)
    for (const name of names) putPolicy(name)
    const enabled = names.map((name) => policyRef(name, 1)).sort()
    for (let i = 0; i < 5000; i++) {
      putAgent(`n${i}`)
      putReport(`n${i}`, { enabled: enabled.join('') })
    }
    start()
    await until(() => names.every((name) => numbers(name) === '5000 5000 0 0 0'))
    const pages = server.requests.filter(
      ({ path, query }) => path === reportPath && query.has('limit'),
    )
    assert.equal(pages.length, 50)
    assert.equal(server.writes(clusterPath).length, 100)
  })
})
