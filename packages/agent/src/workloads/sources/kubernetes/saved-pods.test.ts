import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, it } from 'node:test'
import type { PodFacts } from '../../pod-facts.ts'
import { SavedPods } from './saved-pods.ts'

const folder = mkdtempSync(join(tmpdir(), 'tetragon-saved-pods-'))
after(() => rmSync(folder, { recursive: true, force: true }))

function pod(name: string, label: string): PodFacts {
  return {
    uid: name,
    namespace: 'n',
    name,
    staticUid: '',
    labels: { label },
    annotations: undefined,
    workload: name,
    workloadKind: 'Pod',
    containers: [],
  }
}

it('a pod with many labels does not keep others out of the file', () => {
  const warnings: string[] = []
  const path = join(folder, 'pods.json')
  const saved = new SavedPods(path, (message) => warnings.push(message), 1000)
  const pods = [pod('large', 'x'.repeat(900)), pod('a', '1'), pod('b', '2')]
  saved.update({ isComplete: true, pods, removed: [] })
  saved.close()
  const read = new SavedPods(path, assert.fail).read()
  assert.deepEqual(
    read.map(({ name, labels }) => [name, labels]),
    [
      ['a', { label: '1' }],
      ['b', { label: '2' }],
    ],
  )
  assert.match(warnings.join(), /file is full; .* would not know n\/large$/)
  saved.update({ isComplete: false, pods: [], removed: ['large'] })
  saved.close()
  assert.equal(warnings.length, 1)
})
