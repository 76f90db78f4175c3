import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatDiagnostic } from '../diagnostics/format.ts'
import { readPolicyObject } from '../parse/read-policy-object.ts'
import { errorLines, hasRef, policyRef, splitRefs } from './index.ts'

test('a policy has another name in each generation', () => {
  const names = ['a', 'b'].flatMap((uid) => [1, 2, 11].map((each) => policyRef(uid, each)))
  assert.equal(new Set(names).size, 6)
  assert.deepEqual(splitRefs(names.join('')), names)
  assert.ok(names.every((name) => hasRef(names.join(''), name)))
  assert.ok(!hasRef('xxxxAAAABBBBxxxx', 'AAAABBBB'), 'only at multiples of the length')
  assert.ok(hasRef('xxxxAAAABBBBAAAABBBBxxxxAAAABBBB', 'AAAABBBB'))
  assert.ok(!hasRef('', names[0]))
})

test('errors of a policy are found in the text for users, with their paths', () => {
  const policy = {
    apiVersion: 'cilium.io/v1alpha1',
    kind: 'TracingPolicy',
    metadata: { name: 'p' },
    spec: { kprobes: [{ call: 'f', args: [{ index: 0, type: 'x: error: (y)' }], unknown: 1 }] },
  }
  const { diagnostics } = readPolicyObject(JSON.stringify(policy), 'TracingPolicy p')
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  const text = diagnostics.map((each) => formatDiagnostic(each)).join('\n')
  const found = errorLines(`read policy:\n${text}`)
  assert.deepEqual(
    found.map(({ path }) => path),
    errors.map(({ path }) => path),
  )
  assert.equal(found.length, 2)
  for (const [i, { message }] of found.entries()) {
    assert.ok(message.startsWith(errors[i].message))
  }
})

test('other errors are about the whole policy', () => {
  const message = 'load policy p: the kernel has no BTF'
  assert.deepEqual(errorLines(`${message}\n`), [{ path: '', message }])
})
