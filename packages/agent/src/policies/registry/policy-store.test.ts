import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import fc from 'fast-check'
import { PolicyRegistry } from './policy-registry.ts'
import { PolicyStore, type StoredPolicy } from './policy-store.ts'
import { FakeLoader } from './testing/fake-loader.ts'

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

describe('kept policies', () => {
  it('come back after a restart, with their domain', async () => {
    const first = new PolicyRegistry(new FakeLoader(), new PolicyStore(folder))
    await first.add(policy('one'), 'grpc')
    await first.add(policy('two'), 'mine')
    await first.add(policy('three'), 'grpc')
    await assert.rejects(first.add(policy('bad'), 'grpc'))
    await first.remove({ name: 'three', namespace: '', domain: 'grpc' })
    const loader = new FakeLoader()
    const second = new PolicyRegistry(loader, new PolicyStore(folder))
    assert.deepEqual(await second.restore(), [])
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
    const registry = new PolicyRegistry(new FakeLoader(), store)
    const failures = await registry.restore()
    assert.equal(failures.length, 2)
    assert.match(failures[0], /no such/)
    assert.match(failures[1], /parse YAML/)
    const listed = (await registry.list()).map(({ name, state }) => [name, state])
    assert.deepEqual(listed, [
      ['bad', 'TP_STATE_LOAD_ERROR'],
      ['x', 'TP_STATE_LOAD_ERROR'],
      ['y', 'TP_STATE_ENABLED'],
    ])
  })

  it('whose text cannot be read any more stay as they are until they are replaced', async () => {
    const store = new PolicyStore(folder)
    const old = policy('x').replace('kprobes:', 'nothing: null\n  kprobes:')
    save(store, 'x', old)
    const loader = new FakeLoader()
    const registry = new PolicyRegistry(loader, store)
    assert.match((await registry.restore())[0], /policy.yaml:6:3: error: unknown field "nothing"/)
    const [{ state, error = '' }] = await registry.list()
    assert.equal(state, 'TP_STATE_LOAD_ERROR')
    assert.match(error, /unknown field "nothing"/)
    assert.deepEqual(
      (await registry.texts()).map(({ name, yaml }) => [name, yaml]),
      [['x', old]],
    )
    const id = { name: 'x', namespace: '', domain: 'grpc' }
    await assert.rejects(registry.configure(id, { enable: true }), { code: 'invalid' })
    await registry.configure(id, { enable: false })
    await assert.rejects(registry.configure(id, { enable: true }), { code: 'invalid' })
    assert.deepEqual(loader.names, [])
    // The file still has what was written: another release may read it.
    const again = new PolicyRegistry(new FakeLoader(), store)
    await again.restore()
    assert.equal((await again.texts())[0].yaml, old)
    await registry.add(policy('x'), 'grpc', true)
    await registry.configure(id, { enable: true })
    assert.deepEqual(loader.names, ['x'])
  })

  it('come back as they were last: disabled, in their mode, replaced', async () => {
    const kills = `${policy('kills', 'sys_kill')}    selectors:\n    - matchActions: [{action: Sigkill}]\n`
    const first = new PolicyRegistry(new FakeLoader(), new PolicyStore(folder))
    const one = { name: 'kills', namespace: '', domain: 'grpc' }
    const two = { ...one, name: 'two', namespace: 'there' }
    await first.add(kills, 'grpc')
    await first.add(policy('two', 'tcp_connect', 'there'), 'grpc')
    await first.configure(one, { mode: 'monitor' })
    await first.configure(two, { enable: false })
    await first.add(policy('two', 'tcp_close', 'there'), 'grpc', true)
    const second = new PolicyRegistry(new FakeLoader(), new PolicyStore(folder))
    assert.deepEqual(await second.restore(), [])
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

  it('of an agent that was killed are whole: what was half written is removed', () => {
    const id = { name: 'a', namespace: '', domain: 'grpc' }
    new PolicyStore(folder).prepare({ id, yaml: 'old', isEnabled: true }).commit()
    new PolicyStore(folder).prepare({ id, yaml: 'new', isEnabled: false })
    assert.equal(readdirSync(folder).length, 2)
    assert.deepEqual(new PolicyStore(folder).read(), [stored(id, 'old')])
    assert.equal(readdirSync(folder).length, 1)
  })

  it('that cannot be written are not loaded, and nothing else changes', async () => {
    const loader = new FakeLoader()
    const registry = new PolicyRegistry(loader, new PolicyStore(folder))
    await registry.add(policy('one'), 'grpc')
    const before = await registry.list()
    rmSync(folder, { recursive: true })
    const id = { name: 'one', namespace: '', domain: 'grpc' }
    const kept = { code: 'refused', message: /^keep policy (one|two): ENOENT/ }
    await assert.rejects(registry.add(policy('two'), 'grpc'), kept)
    await assert.rejects(registry.add(policy('one', 'tcp_close'), 'grpc', true), kept)
    await assert.rejects(registry.configure(id, { enable: false }), kept)
    assert.deepEqual(await registry.list(), before)
    assert.deepEqual(loader.names, ['one'])
    mkdirSync(folder)
  })

  it('are for the owner only, and what else is in the folder is left alone', () => {
    const store = new PolicyStore(folder)
    const id = { name: 'a', namespace: 'b', domain: 'c' }
    store.prepare({ id, yaml: 'text', isEnabled: true }).commit()
    const [file] = readdirSync(folder)
    assert.equal(statSync(join(folder, file)).mode & 0o777, 0o600)
    const others = ['notes.txt', '%.yaml', 'x.yaml', 'x.yaml.new']
    for (const name of others) writeFileSync(join(folder, name), 'half')
    assert.deepEqual(new PolicyStore(folder).read(), [stored(id, 'text')])
    store.delete(id)
    store.delete(id)
    assert.deepEqual(store.read(), [])
    assert.deepEqual(readdirSync(folder).sort(), others.sort())
  })

  it('may have any name and text', () => {
    const store = new PolicyStore(folder)
    const part = fc.stringMatching(/^[a-z0-9._%~ -]{1,20}$/)
    const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constant('# tetragon: {'))
    fc.assert(
      fc.property(
        part,
        part,
        part,
        text,
        fc.boolean(),
        (name, namespace, domain, yaml, isEnabled) => {
          const id = { name, namespace, domain }
          store.prepare({ id, yaml, isEnabled }).commit()
          assert.deepEqual(store.read(), [{ ...stored(id, yaml), isEnabled }])
          store.delete(id)
        },
      ),
      { numRuns: 50 },
    )
  })
})

function stored(id: StoredPolicy['id'], yaml: string): StoredPolicy {
  return { id, yaml, isEnabled: true, mode: undefined }
}

function save(store: PolicyStore, name: string, yaml: string): void {
  store.prepare({ id: { name, namespace: '', domain: 'grpc' }, yaml, isEnabled: true }).commit()
}
