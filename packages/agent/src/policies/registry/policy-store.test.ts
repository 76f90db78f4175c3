import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import fc from 'fast-check'
import { PolicyStore, type StoredPolicy } from './policy-store.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'policies-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('the store of policies', () => {
  it('of an agent that was killed are complete: partly written ones are removed', () => {
    const id = { name: 'a', namespace: '', domain: 'grpc' }
    new PolicyStore(folder).prepare({ id, yaml: 'old', isEnabled: true }).commit()
    new PolicyStore(folder).prepare({ id, yaml: 'new', isEnabled: false })
    assert.equal(readdirSync(folder).length, 2)
    assert.deepEqual(new PolicyStore(folder).read(), [stored(id, 'old')])
    assert.equal(readdirSync(folder).length, 1)
  })

  it('are readable by the owner only, and other files in the folder are ignored', () => {
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
