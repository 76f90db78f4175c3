import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { type BrowserBundle, bundleForBrowser, nodeUses, runInBrowser } from './browser-bundle.ts'

describe('packages/policy in a browser', () => {
  let bundle: BrowserBundle
  before(async () => {
    bundle = await bundleForBrowser(`
      import { findUnsupported, formatDiagnostic, readPolicies } from '@tetragon-ts/policy'
      import { everythingPolicy, policySchema, schemaOf } from '@tetragon-ts/policy/schema'
      export { findUnsupported, formatDiagnostic, readPolicies }
      export { everythingPolicy, policySchema, schemaOf }
    `)
  })

  it('needs nothing of Node.js', () => {
    assert.ok(bundle.files.includes('packages/policy/dist/parse/policy-document.js'))
    assert.deepEqual(nodeUses(bundle), [])
  })

  it('reads and checks policies', () => {
    const api = runInBrowser(bundle) as typeof import('@tetragon-ts/policy') &
      typeof import('@tetragon-ts/policy/schema')
    const whole = api.readPolicies(api.everythingPolicy(), 'everything.yaml')
    assert.deepEqual(whole.diagnostics.filter(({ severity }) => severity === 'error').length, 0)
    assert.equal(whole.documents[0].policy.name, 'everything')
    const text = `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: wrong}
spec:
  kprobes:
  - call: tcp_connect
    syscall: false
    args: [{index: 0, type: sokc}]
    selectors: [{matchBinaries: [{operator: In, values: [/usr/bin/ü]}]}]
`
    const [error] = api.readPolicies(text, 'wrong.yaml').diagnostics
    assert.equal(error.code, 'POLICY_VALUE')
    assert.match(api.formatDiagnostic(error, text), /^wrong\.yaml:8:29: error: .*"sock"\?/)
  })

  it('reads addresses and cuts texts as it does in Node.js', () => {
    const api = runInBrowser(bundle) as typeof import('@tetragon-ts/policy')
    const text = `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: connect}
spec:
  kprobes:
  - call: tcp_connect
    syscall: false
    message: ${'ä'.repeat(150)}
    args: [{index: 0, type: sock}]
    selectors: [{matchArgs: [{index: 0, operator: DAddr, values: ['::ffff:10.0.0.1/128']}]}]
`
    const { documents, diagnostics } = api.readPolicies(text, 'connect.yaml')
    assert.deepEqual(
      [...diagnostics].map(({ code }) => code),
      ['POLICY_TEXT'],
    )
    const [hook] = documents[0].policy.hooks
    assert.equal(hook.message, 'ä'.repeat(128))
    const shown = JSON.stringify(hook.selectors[0])
    assert.match(shown, /"10":255,"11":255,"12":10,"13":0,"14":0,"15":1/)
  })
})

const line = JSON.stringify({
  process_exec: {
    process: { exec_id: 'bjoxOjI=', pid: 7, binary: '/usr/bin/cürl', arguments: 'cilium.io' },
  },
  node_name: 'n',
  time: '2026-08-01T12:00:00.000000001Z',
})

describe('packages/api in a browser', () => {
  let bundle: BrowserBundle
  before(async () => {
    bundle = await bundleForBrowser("export * from '@tetragon-ts/api'")
  })

  it('needs nothing of Node.js', () => {
    assert.ok(bundle.files.includes('packages/api/dist/platform/web.js'))
    assert.deepEqual(nodeUses(bundle), [])
  })

  it('prints events, and decodes them from protobuf', () => {
    const api = runInBrowser(bundle) as typeof import('@tetragon-ts/api')
    const parsed = api.parseEvent(line)
    assert.ok(parsed.ok)
    assert.equal(api.compactPrinter({})(parsed.event), '🚀 process n /usr/bin/cürl cilium.io\n')
    const codec = api.codecOf(api.GetEventsResponse)
    const decoded = codec.decode(codec.encode(JSON.parse(line)))
    assert.equal(JSON.stringify(decoded), JSON.stringify(JSON.parse(line)))
    assert.equal(api.parseExecId('bjoxOjI=')?.node, 'n')
  })
})

describe('filters of events in a browser', () => {
  let bundle: BrowserBundle
  before(async () => {
    bundle = await bundleForBrowser(`
      export { parseEvent } from '@tetragon-ts/api'
      export * from '@tetragon-ts/policy/filters'
    `)
  })

  it('needs nothing of Node.js', () => {
    assert.deepEqual(nodeUses(bundle), [])
  })

  it('evaluates filters with expressions and patterns', async () => {
    const api = runInBrowser(bundle) as typeof import('@tetragon-ts/api') &
      typeof import('@tetragon-ts/policy/filters')
    const parsed = api.parseEvent(line)
    assert.ok(parsed.ok)
    const filters = [
      { cel_expression: ["process_exec.process.binary.endsWith('rl')"], binary_regex: ['^/usr'] },
      { binary_regex: ['^/bin'] },
    ]
    await api.prepareFilters(filters)
    const subject = api.filterSubject(parsed.event)
    const answers = filters.map((filter) => api.compileFilter(filter)(subject))
    assert.deepEqual(answers, [true, false])
  })
})
