import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { readRequest } from './operator-options.ts'

function serveRequest(argv: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const request = readRequest(argv, env)
  assert.ok(request.kind === 'serve')
  return request
}

describe('options of the operator', () => {
  it('have the defaults of Tetragon', () => {
    const { options, warnings } = serveRequest([])
    assert.deepEqual(options, {
      kubeconfig: '',
      crds: { policies: true, force: false },
      podInfo: true,
      agents: undefined,
      election: undefined,
      health: { kind: 'tcp', host: '', port: 8081 },
      metrics: undefined,
      webhook: undefined,
    })
    assert.deepEqual(warnings, [])
    const { election } = serveRequest(['--leader-election']).options
    assert.deepEqual(election, { namespace: '', ms: { lease: 15_000, renew: 5000, retry: 2000 } })
  })

  it('name the account of the agents', () => {
    const of = (account: string) => serveRequest([`--agent-service-account=${account}`]).options
    const { agents } = of('kube-system/tetragon')
    assert.deepEqual(agents, { namespace: 'kube-system', name: 'tetragon' })
    for (const wrong of ['tetragon', 'a/b/c', 'a/', '/b', 'A/b', 'a/b,x=y']) {
      assert.throws(() => of(wrong), /agent-service-account.*expected NAMESPACE\/NAME/)
    }
  })

  it('come from files, the environment and the command line', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tetragon-operator-'))
    try {
      const files = { 'kube-config': '/a\n', 'skip-pod-info-crd': 'true', nonsense: 'x' }
      for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
      const env = { TETRAGON_OPERATOR_KUBE_CONFIG: '/b', TETRAGON_KUBE_CONFIG: '/wrong' }
      const argv = ['--config-dir', folder, '--metrics-bind-address=[::1]:2113']
      const { options, warnings } = serveRequest(argv, env)
      assert.equal(options.kubeconfig, '/b')
      assert.equal(options.podInfo, false)
      assert.deepEqual(options.metrics, { kind: 'tcp', host: '::1', port: 2113 })
      assert.equal(warnings.length, 1)
      assert.match(warnings[0], /nonsense: unknown option nonsense/)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('have errors that name the option', () => {
    const wrong: readonly [argv: readonly string[], message: RegExp][] = [
      [['--leader-elect'], /unknown option --leader-elect; did you mean "--leader-election"\?/],
      [['extra'], /unexpected argument "extra"/],
      [['--metrics-bind-address=2113'], /expected HOST:PORT or 0/],
      [['--metrics-bind-address=unix:///x'], /expected HOST:PORT or 0/],
      [['--health-probe-bind-address=:99999'], /the highest port is 65535/],
      [['--leader-election-lease-duration=fast'], /invalid time "fast"/],
      [['--leader-election-lease-duration=5s'], /lease-duration > .*renew-deadline > /],
      [['--leader-election-lease-duration=61m'], /lease-duration is 1h/],
      [['--leader-election-retry-period=0s'], /retry-period > 0/],
      [['--config-dir=/nonexistent'], /folder \/nonexistent does not exist/],
      [['--cmdref'], /--cmdref is not supported: --help lists all options/],
    ]
    for (const [argv, message] of wrong) {
      assert.throws(() => serveRequest(argv), { code: 'OPERATOR_OPTION', message })
    }
  })

  it('without effect are warnings', () => {
    const argv = ['--skip-crd-creation', '--force-update-crds', '--leader-election-namespace=n']
    assert.equal(serveRequest(argv).warnings.length, 2)
    const election = ['--leader-election-lease-duration=20s', '--leader-election-retry-period=1s']
    assert.deepEqual(serveRequest(election).warnings, [
      '--leader-election-lease-duration requires --leader-election',
      '--leader-election-retry-period requires --leader-election',
    ])
    assert.deepEqual(serveRequest([...election, '--leader-election']).warnings, [])
    const name = '--webhook-name=other'
    assert.deepEqual(serveRequest([name]).warnings, [
      '--webhook-name requires --webhook-bind-address',
    ])
    assert.deepEqual(serveRequest([name, '--webhook-bind-address=:9443']).warnings, [])
  })
})
