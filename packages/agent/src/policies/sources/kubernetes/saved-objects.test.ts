import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { policyKinds } from '@tetragon-ts/policy'
import { type PolicyObject, policyObject } from './policy-object.ts'
import { SavedObjects, type SavedState } from './saved-objects.ts'

const [cluster, namespaced] = policyKinds

function object(name: string, spec: object, namespace?: string): PolicyObject {
  const kind = namespace === undefined ? cluster : namespaced
  const read = policyObject(kind, { metadata: { name, namespace }, spec })
  assert.ok(read)
  return read
}

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tetragon-saved-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

/** Saves a state, and returns the names that are read again, with the log. */
function saveAndRead(state: SavedState, max?: number) {
  const log: string[] = []
  const sink = { info: () => {}, warning: (message: string) => log.push(message) }
  const path = join(folder, 'policies.json')
  const saved = new SavedObjects(path, () => state, sink, 60_000, max)
  for (let time = 0; time < 2; time++) {
    saved.changed()
    saved.close()
  }
  const read = saved.read()
  const names = read?.objects.map(({ id }) => id.name)
  return { labels: read?.labels, names, log, mode: statSync(path).mode & 0o777 }
}

describe('the saved objects of the API server', () => {
  it('are read as they were, by root only', () => {
    const objects = [object('a', { kprobes: [] }, 'n'), object('b', { kprobes: [] })]
    const read = saveAndRead({ labels: { zone: 'z' }, objects })
    assert.deepEqual(read, { labels: { zone: 'z' }, names: ['b', 'a'], log: [], mode: 0o600 })
    assert.equal(saveAndRead({ labels: undefined, objects }).labels, undefined)
  })

  it('are those of the cluster if not all fit, and the others are named once', () => {
    const long = { list: 'x'.repeat(500) }
    const objects = [
      object('flood', long, 'n'),
      object('more', long, 'n'),
      object('first', long),
      object('second', long),
    ]
    const { names, log } = saveAndRead({ labels: {}, objects }, 1500)
    assert.deepEqual(names, ['first', 'second'])
    assert.equal(log.length, 1)
    assert.match(log[0], /TracingPolicyNamespaced n\/flood, TracingPolicyNamespaced n\/more$/)
  })

  it('do not include objects that are refused when they are read', () => {
    let deep: object = {}
    for (let level = 0; level < 100_000; level++) deep = { deep }
    const objects = [
      object('deep', deep),
      object('large', { list: 'x'.repeat(1 << 20) }),
      object('kept', {}),
    ]
    assert.deepEqual(saveAndRead({ labels: {}, objects }).names, ['kept'])
  })
})
