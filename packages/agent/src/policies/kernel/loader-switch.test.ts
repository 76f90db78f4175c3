import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type PolicyDocument, readPolicies } from '@tetragon-ts/policy'
import type { LoaderChange } from '../../reader/protocol.ts'
import { LoaderSwitch } from './loader-switch.ts'

function policy(spec: string): PolicyDocument {
  const head = 'apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata: {name: p}\nspec:'
  const [document] = readPolicies(`${head} {${spec}}\n`, 'p.yaml').documents
  assert.ok(document)
  return document
}

/** The changes that a reader was asked for, which has this answer. */
function switchOf(answer: LoaderChange) {
  const changes: boolean[] = []
  const loader = new LoaderSwitch({
    async switchLoader(isOn) {
      changes.push(isOn)
      return answer
    },
  })
  return { loader, changes }
}

test('the loader is on from the first policy with loader to the last', async () => {
  const { loader, changes } = switchOf({ memory: 600 })
  const [one, two] = [policy('loader: true'), policy('loader: true')]
  const other = policy('kprobes: [{call: sys_read}]')
  await loader.acquire(other)
  assert.deepEqual(changes, [])
  await loader.acquire(one)
  await loader.acquire(two)
  assert.equal(loader.memoryShare, 300)
  await loader.release(other)
  await loader.release(one)
  await loader.release(one)
  assert.deepEqual(changes, [true])
  await loader.release(two)
  assert.deepEqual(changes, [true, false])
  assert.equal(loader.memoryShare, 0)
})

test('a refusal of the kernel is an error of the policy', async () => {
  const refusal = 'open perf event of mappings on CPU 0: EACCES'
  const { loader, changes } = switchOf({ memory: 0, refusal })
  const document = policy('loader: true')
  await assert.rejects(loader.acquire(document), {
    code: 'AGENT_POLICY',
    message: /loader is not available: open perf event of mappings on CPU 0: EACCES/,
  })
  await loader.release(document)
  assert.deepEqual(changes, [true])
})
