import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import fc from 'fast-check'
import { PolicyRegistry } from './policy-registry.ts'
import { PolicyStore } from './policy-store.ts'
import { FakeLoader } from './testing/fake-host.ts'

const policy = (name: string, call = 'tcp_connect') => `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata:
  name: ${name}
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
    assert.deepEqual([...loader.loaded.keys()].sort(), ['one', 'two'])
  })

  it('that cannot be loaded any more are told of and do not stop the others', async () => {
    const store = new PolicyStore(folder)
    store.save({ id: { name: 'bad', namespace: '', domain: 'grpc' }, yaml: policy('bad') })
    store.save({ id: { name: 'x', namespace: '', domain: 'grpc' }, yaml: 'kind: [' })
    store.save({ id: { name: 'y', namespace: '', domain: 'grpc' }, yaml: policy('y') })
    const registry = new PolicyRegistry(new FakeLoader(), store)
    const failures = await registry.restore()
    assert.equal(failures.length, 2)
    assert.match(failures[0], /no such/)
    assert.match(failures[1], /parse YAML/)
    const listed = (await registry.list()).map(({ name, state }) => [name, state])
    assert.deepEqual(listed, [
      ['bad', 'TP_STATE_LOAD_ERROR'],
      ['y', 'TP_STATE_ENABLED'],
    ])
  })

  it('are for the owner only, and what else is in the folder is left alone', () => {
    const store = new PolicyStore(folder)
    const id = { name: 'a', namespace: 'b', domain: 'c' }
    store.save({ id, yaml: 'text' })
    const [file] = readdirSync(folder)
    assert.equal(statSync(join(folder, file)).mode & 0o777, 0o600)
    for (const name of ['notes.txt', '%.yaml', 'x.yaml', `${file}.new`]) {
      writeFileSync(join(folder, name), 'half')
    }
    assert.deepEqual(store.read(), [{ id, yaml: 'text' }])
    store.delete(id)
    store.delete(id)
    assert.deepEqual(store.read(), [])
  })

  it('may have any name', () => {
    const store = new PolicyStore(folder)
    const part = fc.stringMatching(/^[a-z0-9._%~ -]{1,20}$/)
    fc.assert(
      fc.property(part, part, part, (name, namespace, domain) => {
        const id = { name, namespace, domain }
        store.save({ id, yaml: name })
        assert.deepEqual(store.read(), [{ id, yaml: name }])
        store.delete(id)
      }),
      { numRuns: 50 },
    )
  })
})
