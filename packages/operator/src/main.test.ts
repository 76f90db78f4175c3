import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { fields, list } from '@tetragon-ts/kubernetes'
import { FakeApiServer } from '@tetragon-ts/kubernetes/testing'
import { policyRef } from '@tetragon-ts/policy/status'
import { certgenDeclarations } from './certgen/certgen-options.ts'
import { declarations } from './option-table.ts'
import { until } from './testing/until.ts'

const program = fileURLToPath(new URL('../bin/tetragon-operator.js', import.meta.url))
const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const configurations = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations'
const [pods, podInfos] = ['/api/v1/pods', '/apis/cilium.io/v1alpha1/podinfo']

const run = (...args: readonly string[]) =>
  spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' })

describe('tetragon-operator', () => {
  it('shows its options and its version', () => {
    const { stdout, status } = run('serve', '--help')
    assert.equal(status, 0)
    for (const name of Object.keys(declarations)) assert.match(stdout, new RegExp(`--${name}\\b`))
    const certgen = run('certgen', '--help').stdout
    for (const name of Object.keys(certgenDeclarations)) assert.ok(certgen.includes(`--${name}`))
    assert.match(run('version').stdout, /^tetragon-operator \d+\.\d+\.\d+\n$/)
  })

  it('has errors with a code', () => {
    const wrong: readonly [args: readonly string[], status: number, message: RegExp][] = [
      [['start'], 2, /unknown command "start"; see --help \[OPERATOR_OPTION\]/],
      [['serve', '--x'], 2, /unknown option --x.*\[OPERATOR_OPTION\]/],
      [['certgen', '--validity=x'], 2, /invalid time "x".*\[OPERATOR_OPTION\]/],
      [['serve', '--kube-config=/none'], 1, /ENOENT.*\[KUBERNETES_ADDRESS\]/],
      [['serve', '--kube-config=/etc/passwd'], 1, /find the API server.*\[KUBERNETES_ADDRESS\]/],
    ]
    for (const [args, expected, message] of wrong) {
      const { status, stderr } = run(...args)
      assert.equal(status, expected, stderr)
      assert.match(stderr, message)
      assert.doesNotMatch(stderr, /\n {4}at /)
    }
  })
})

/** A running operator. */
class Replica {
  readonly child: ChildProcess
  stderr = ''

  constructor(kubeconfig: string, ...args: readonly string[]) {
    const health = '--health-probe-bind-address=127.0.0.1:0'
    const all = ['serve', `--kube-config=${kubeconfig}`, health, ...args]
    this.child = spawn(process.execPath, [program, ...all], { stdio: ['ignore', 'ignore', 'pipe'] })
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text
    })
  }

  async get(path: string): Promise<{ status: number; text: string }> {
    const address = new RegExp(`serving [^\\n]*${path}[^\\n]* on (\\S+)`)
    await until(() => address.test(this.stderr))
    const response = await fetch(`http://${address.exec(this.stderr)?.[1]}${path}`)
    return { status: response.status, text: await response.text() }
  }

  async end(signal: NodeJS.Signals): Promise<number | null> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.child.exitCode
    const closed = once(this.child, 'close')
    this.child.kill(signal)
    await closed
    return this.child.exitCode
  }
}

describe('a running operator', () => {
  let folder: string
  let kubeconfig: string
  let server: FakeApiServer
  let replicas: Replica[]
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'tetragon-operator-'))
    kubeconfig = join(folder, 'kubeconfig')
  })
  after(() => rmSync(folder, { recursive: true, force: true }))
  beforeEach(async () => {
    server = await FakeApiServer.start()
    replicas = []
    useServer(server.url)
  })
  afterEach(async () => {
    for (const replica of replicas) await replica.end('SIGKILL')
    server.close()
  })

  function useServer(url: string): void {
    const context = { cluster: 'c', user: 'u', namespace: 'here' }
    const config = {
      'current-context': 'x',
      clusters: [{ name: 'c', cluster: { server: url } }],
      users: [{ name: 'u', user: {} }],
      contexts: [{ name: 'x', context }],
    }
    writeFileSync(kubeconfig, JSON.stringify(config))
  }

  function start(...args: readonly string[]): Replica {
    const replica = new Replica(kubeconfig, ...args)
    replicas.push(replica)
    return replica
  }

  function putPod(name: string): void {
    const status = { podIP: '10.0.0.1', podIPs: [{ ip: '10.0.0.1' }] }
    server.put(pods, `n/${name}`, { metadata: { name, namespace: 'n', uid: name }, status })
  }

  it('installs CRDs, writes PodInfo objects, is ready and has metrics', async () => {
    putPod('p')
    const replica = start('--metrics-bind-address=127.0.0.1:0')
    await until(() => server.keys(podInfos).length === 1)
    assert.equal(server.keys(crds).length, 6)
    assert.deepEqual(await replica.get('/readyz'), { status: 200, text: 'ok\n' })
    assert.equal((await replica.get('/healthz')).status, 200)
    const { text } = await replica.get('/metrics')
    assert.match(text, /^tetragon_operator_podinfo_writes_total\{operation="create"\} 1$/m)
    assert.match(text, /^leader_election_master_status\{.*\} 1$/m)
    assert.equal(await replica.end('SIGTERM'), 0)
  })

  it('does only what its options ask for', async () => {
    putPod('p')
    const replica = start('--skip-pod-info-crd')
    await until(() => server.keys(crds).length === 5)
    assert.equal(await replica.end('SIGTERM'), 0)
    assert.ok(!server.keys(crds).includes('podinfo.cilium.io'))
    assert.ok(server.requests.every(({ path }) => path === crds))
  })

  it('writes the status of policies, as agents report it', async () => {
    const metadata = { name: 'agent-1', namespace: 'system' }
    const conditions = [{ type: 'Ready', status: 'True' }]
    server.put(pods, 'system/agent-1', {
      metadata,
      spec: { nodeName: 'n' },
      status: { conditions },
    })
    const [policies, reports] = ['tracingpolicies', 'tracingpolicynodestatuses'].map(
      (plural) => `/apis/cilium.io/v1alpha1/${plural}`,
    ) as [string, string]
    server.put(policies, 'p', { metadata: { name: 'p', uid: 'p', generation: 1 } })
    server.put(reports, 'system/agent-1', { metadata, status: { enabled: policyRef('p', 1) } })
    const account = '--agent-service-account=system/agent'
    const replica = start('--skip-pod-info-crd', '--metrics-bind-address=127.0.0.1:0', account)
    await until(() => fields(server.get(policies, 'p')?.status).enabled === 1)
    assert.deepEqual(await replica.get('/readyz'), { status: 200, text: 'ok\n' })
    const { text } = await replica.get('/metrics')
    assert.match(text, /^tetragon_operator_agents 1$/m)
    assert.match(text, /_reconcile_total\{controller="tracingpolicystatus",result="success"\} 1$/m)
    const watched = server.requests.find(({ path }) => path === pods)?.query
    assert.equal(watched?.get('fieldSelector'), 'spec.serviceAccountName=agent')
  })

  it('is replaced by another replica when it is killed, and nothing is written twice', async () => {
    // The test waits for the end of the lease. A busy machine may stop the leader for seconds.
    const times = { 'lease-duration': '10s', 'renew-deadline': '7s', 'retry-period': '100ms' }
    const flags = Object.entries(times).map(([name, time]) => `--leader-election-${name}=${time}`)
    const both = [1, 2].map(() => start('--leader-election', ...flags))
    putPod('before')
    await until(() => server.keys(podInfos).length === 1)
    const leaders = both.filter(({ stderr }) => stderr.includes('is the leader'))
    assert.equal(leaders.length, 1)
    const [leader] = leaders
    const other = both.find((each) => each !== leader)!
    assert.deepEqual(await other.get('/readyz'), { status: 200, text: 'ok\n' })
    await leader.end('SIGKILL')
    putPod('after')
    await until(() => server.keys(podInfos).length === 2)
    assert.match(other.stderr, /is the leader/)
    assert.equal(server.writes(podInfos).length, 2)
    assert.equal(server.writes(crds).length, 6)
    assert.ok(server.keys('/apis/coordination.k8s.io/v1/leases')[0].startsWith('here/'))
  })

  it('is ready when the API server trusts its webhook', async () => {
    const name = 'tetragon-operator-webhook'
    const flags = [
      '--skip-crd-creation',
      '--skip-pod-info-crd',
      '--webhook-bind-address=127.0.0.1:0',
    ]
    server.misbehaviour.set(configurations, 403)
    const clientConfig = { service: { name, namespace: 'here' } }
    server.set(configurations, { metadata: { name }, webhooks: [{ name: 'w', clientConfig }] })
    const replica = start(...flags)
    await until(() => replica.stderr.includes('serve the webhook: 403'))
    const { status, text } = await replica.get('/readyz')
    assert.equal(status, 503)
    assert.match(text, /^serve the webhook: 403/)
    await replica.end('SIGTERM')
    server.misbehaviour.clear()
    // An installation without the CRD of kernels.
    server.misbehaviour.set('/apis/cilium.io/v1alpha1/tracingpolicykernels', 404)
    const other = start(...flags, '--agent-service-account=system/agent')
    await until(() => other.stderr.includes('serve the webhook: succeeded'))
    await until(() => other.stderr.includes('watch kernels: tracingpolicykernels: 404'))
    assert.equal((await other.get('/readyz')).status, 200)
    const [{ caBundle }] = list(server.get(configurations, name)?.webhooks).map((each) =>
      fields(fields(each).clientConfig),
    )
    assert.match(Buffer.from(String(caBundle), 'base64').toString(), /BEGIN CERTIFICATE/)
    assert.equal(await other.end('SIGTERM'), 0)
  })

  it('writes certificates into Secrets with certgen', async () => {
    for (const name of ['tetragon-ca', 'tetragon-server-certs']) {
      server.set('/api/v1/secrets', { metadata: { name, namespace: 'here' } })
    }
    const child = spawn(process.execPath, [
      program,
      'certgen',
      `--kube-config=${kubeconfig}`,
      '--generate-ca',
    ])
    const [code] = await once(child, 'close')
    assert.equal(code, 0)
    const data = server.get('/api/v1/secrets', 'here/tetragon-server-certs')?.data
    assert.deepEqual(Object.keys(fields(data)), ['tls.crt', 'tls.key', 'ca.crt'])
  })

  it('waits for an API server that cannot be reached, and is not ready', async () => {
    useServer('http://127.0.0.1:1')
    const replica = start()
    await until(() => replica.stderr.includes('ECONNREFUSED'))
    const { status, text } = await replica.get('/readyz')
    assert.equal(status, 503)
    assert.match(text, /^install CRDs: .*ECONNREFUSED/)
    assert.equal((await replica.get('/healthz')).status, 200)
    assert.equal(await replica.end('SIGTERM'), 0)
  })

  it('ends with an error if its port is in use', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as { port: number }
    const replica = start(`--metrics-bind-address=127.0.0.1:${port}`)
    await once(replica.child, 'close')
    taken.close()
    assert.equal(replica.child.exitCode, 1)
    assert.match(replica.stderr, /EADDRINUSE.*\[OPERATOR_SERVER\]/)
  })
})
