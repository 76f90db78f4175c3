import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it, test } from 'node:test'
import { readPolicies } from '@tetragon-ts/policy'
import { PolicyRegistry } from '../registry/policy-registry.ts'
import { PolicyStore } from '../registry/policy-store.ts'
import { FakeLoader } from '../registry/testing/fake-loader.ts'
import { GrpcPolicies } from './grpc-policies.ts'
import { RulePolicies } from './rule-policies.ts'

const policy = (
  name: string,
  call = 'tcp_connect',
  namespace = '',
) => `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy${namespace && `Namespaced`}
metadata:
  name: ${name}${namespace && `\n  namespace: ${namespace}`}
spec:
  kprobes:
  - call: ${call}
    syscall: false
`

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'policies-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** An agent that stores policies in the folder, and its warnings. */
async function startAgent(loader = new FakeLoader()) {
  const warnings: string[] = []
  const policies = new GrpcPolicies(folder, (message) => warnings.push(message))
  await policies.start(new PolicyRegistry(loader))
  return { policies, warnings, loader }
}

test('policies of detection rules need no domain, and are changed by rules only', async () => {
  const registry = new PolicyRegistry(new FakeLoader())
  const policies = new GrpcPolicies(undefined, () => {})
  const ofRules = new RulePolicies()
  await policies.start(registry)
  await ofRules.start(registry)
  const name = 'detection-rules-open'
  const text = policy(name)
  const rulePolicy = { name, hook: 'tcp_connect', text, rules: ['a'], instead: [] }
  assert.deepEqual(await ofRules.use([rulePolicy]), [])
  assert.deepEqual(await policies.list(), [])
  const refused = { code: 'refused', message: /of domain rules: it belongs to detection rules/ }
  await assert.rejects(policies.remove({ name, namespace: '' }), refused)
  await assert.rejects(policies.configure({ name, namespace: '' }, { enable: false }), refused)
  await assert.rejects(policies.add(policy('mine'), 'rules'), { code: 'invalid' })
  const unknown = { name: 'detection-rules-other', namespace: '' }
  await assert.rejects(policies.remove(unknown), { code: 'not_found' })
})

describe('stored policies of gRPC clients', () => {
  it('are loaded after a restart, with their domain', async () => {
    const { policies: first } = await startAgent()
    await first.add(policy('one'), 'grpc')
    await first.add(policy('two'), 'mine')
    await first.add(policy('three'), 'grpc')
    await assert.rejects(first.add(policy('bad'), 'grpc'))
    await first.remove({ name: 'three', namespace: '', domain: 'grpc' })
    const { policies: second, warnings, loader } = await startAgent()
    assert.deepEqual(warnings, [])
    const listed = (await second.list()).map(({ name, domain, state }) => [name, domain, state])
    assert.deepEqual(listed.sort(), [
      ['one', 'grpc', 'TP_STATE_ENABLED'],
      ['two', 'mine', 'TP_STATE_ENABLED'],
    ])
    assert.deepEqual(loader.names, ['one', 'two'])
  })

  it('that can no longer be loaded are reported and do not stop the others', async () => {
    const store = new PolicyStore(folder)
    save(store, 'bad', policy('bad'))
    save(store, 'x', 'kind: [')
    save(store, 'y', policy('y'))
    const { policies, warnings } = await startAgent()
    assert.equal(warnings.length, 2)
    assert.match(warnings[0], /^restore policies: .*no such/s)
    assert.match(warnings[1], /parse YAML/)
    const listed = (await policies.list()).map(({ name, state }) => [name, state])
    assert.deepEqual(listed, [
      ['bad', 'TP_STATE_LOAD_ERROR'],
      ['x', 'TP_STATE_LOAD_ERROR'],
      ['y', 'TP_STATE_ENABLED'],
    ])
  })

  it('whose text is not readable any more stay until they are replaced', async () => {
    const store = new PolicyStore(folder)
    const old = policy('x').replace('kprobes:', 'nothing: null\n  kprobes:')
    save(store, 'x', old)
    const { policies, warnings, loader } = await startAgent()
    assert.match(warnings[0], /policy.yaml:6:3: error: unknown field "nothing"/)
    const [{ state, error = '' }] = await policies.list()
    assert.equal(state, 'TP_STATE_LOAD_ERROR')
    assert.match(error, /unknown field "nothing"/)
    assert.deepEqual(
      (await policies.texts()).map(({ name, yaml }) => [name, yaml]),
      [['x', old]],
    )
    const id = { name: 'x', namespace: '', domain: 'grpc' }
    await assert.rejects(policies.configure(id, { enable: true }), { code: 'invalid' })
    await policies.configure(id, { enable: false })
    await assert.rejects(policies.configure(id, { enable: true }), { code: 'invalid' })
    assert.deepEqual(loader.names, [])
    // The file still has the text: another release may read it.
    const { policies: again } = await startAgent()
    assert.equal((await again.texts())[0].yaml, old)
    await policies.add(policy('x'), 'grpc', true)
    await policies.configure(id, { enable: true })
    assert.deepEqual(loader.names, ['x'])
  })

  it('are restored with their last state: disabled, in their mode, replaced', async () => {
    const kills = `${policy('kills', 'sys_kill')}    selectors:\n    - matchActions: [{action: Sigkill}]\n`
    const { policies: first } = await startAgent()
    const one = { name: 'kills', namespace: '', domain: 'grpc' }
    const two = { ...one, name: 'two', namespace: 'there' }
    await first.add(kills, 'grpc')
    await first.add(policy('two', 'tcp_connect', 'there'), 'grpc')
    await first.configure(one, { mode: 'monitor' })
    await first.configure(two, { enable: false })
    await first.add(policy('two', 'tcp_close', 'there'), 'grpc', true)
    const { policies: second, warnings } = await startAgent()
    assert.deepEqual(warnings, [])
    const listed = (await second.list()).map(({ id, ...others }) => ({ ...others, id: 0 }))
    assert.deepEqual(
      listed,
      (await first.list()).map((each) => ({ ...each, id: 0 })),
    )
    const shown = listed.map(({ name, namespace, state, mode }) => [name, namespace, state, mode])
    assert.deepEqual(shown, [
      ['kills', '', 'TP_STATE_ENABLED', 'TP_MODE_MONITOR'],
      ['two', 'there', 'TP_STATE_DISABLED', 'TP_MODE_MONITOR_ONLY'],
    ])
    await second.configure(two, { enable: true })
    const [, { hook_statuses }] = await second.list()
    assert.equal(hook_statuses?.[0].hook_description, 'tcp_close (fentry)')
  })

  it('that cannot be written are not loaded, and nothing else changes', async () => {
    const { policies, loader } = await startAgent()
    await policies.add(policy('one'), 'grpc')
    const before = await policies.list()
    rmSync(folder, { recursive: true })
    const id = { name: 'one', namespace: '', domain: 'grpc' }
    const kept = { code: 'refused', message: /^keep policy (one|two): ENOENT/ }
    await assert.rejects(policies.add(policy('two'), 'grpc'), kept)
    await assert.rejects(policies.add(policy('one', 'tcp_close'), 'grpc', true), kept)
    await assert.rejects(policies.configure(id, { enable: false }), kept)
    assert.deepEqual(await policies.list(), before)
    assert.deepEqual(loader.names, ['one'])
    mkdirSync(folder)
  })

  it('of the domain of another source do not replace its policies', async () => {
    const store = new PolicyStore(folder)
    const id = { name: 'one', namespace: '', domain: 'static' }
    store.prepare({ id, yaml: policy('one', 'tcp_close'), isEnabled: true }).commit()
    const loader = new FakeLoader()
    const registry = new PolicyRegistry(loader)
    const [document] = readPolicies(policy('one'), 'one.yaml').documents
    await registry.put({ domain: 'static' }, document)
    const warnings: string[] = []
    await new GrpcPolicies(folder, (message) => warnings.push(message)).start(registry)
    assert.match(warnings.join(), /policy one of domain static already exists$/)
    assert.deepEqual(
      [...loader.loaded].map(({ document }) => document.file),
      ['one.yaml'],
    )
  })
})

describe('policies of gRPC clients', () => {
  it('are in the domain grpc unless the client names another one', async () => {
    const { policies } = await startAgent()
    await policies.add(policy('one'))
    await policies.add(policy('two'), 'mine')
    assert.deepEqual(await policies.domains(), ['grpc', 'mine'])
    await policies.configure({ name: 'one', namespace: '' }, { enable: false })
    await policies.remove({ name: 'two', namespace: '', domain: 'mine' })
    const listed = (await policies.list()).map(({ name, domain, state }) => [name, domain, state])
    assert.deepEqual(listed, [['one', 'grpc', 'TP_STATE_DISABLED']])
    for (const domain of ['sensors', 'a b']) {
      await assert.rejects(policies.add(policy('x'), domain), { code: 'invalid' })
    }
  })

  it('do not change after the end', async () => {
    const { policies, loader } = await startAgent()
    await policies.add(policy('one'))
    policies.close()
    const refused = { code: 'refused', message: /^\w+ policy: the agent is stopping$/ }
    const one = { name: 'one', namespace: '' }
    await assert.rejects(policies.add(policy('two')), refused)
    await assert.rejects(policies.configure(one, { enable: false }), refused)
    await assert.rejects(policies.remove(one), refused)
    assert.deepEqual(loader.names, ['one'])
    assert.equal((await policies.list()).length, 1)
  })
})

function save(store: PolicyStore, name: string, yaml: string): void {
  store.prepare({ id: { name, namespace: '', domain: 'grpc' }, yaml, isEnabled: true }).commit()
}
