import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readPolicies } from '@tetragon-ts/policy'
import { creatingSockets } from '../backends/cgroup-decisions/socket-create.ts'
import { neverMatches } from './hook-problems.ts'

const refuse = '[{action: Override, argError: -1}]'

/** Warnings about conditions on a socket that is created, as `path: message`. */
function warnings(...conditions: readonly string[]): readonly string[] {
  const selectors = conditions.map((each) => `{matchArgs: [${each}], matchActions: ${refuse}}`)
  const text = `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: test}
spec:
  kprobes:
  - call: security_socket_create
    syscall: false
    args: [{index: 0, type: int}, {index: 1, type: int}, {index: 3, type: int}]
    selectors: [${selectors.join()}]
`
  const { documents, diagnostics } = readPolicies(text, 'test.yaml')
  assert.deepEqual(diagnostics, [])
  const [document] = documents
  const [hook] = document.policy.hooks
  const plan = { backend: 'cgroup', values: creatingSockets.values }
  return neverMatches({ hook, plan }, document).map(({ path, message }) => `${path}: ${message}`)
}

test('values that a parameter never has are reported', () => {
  const families = '{index: 0, operator: Equal, values: ["17", "44"]}'
  assert.deepEqual(warnings('{index: 1, operator: Equal, values: ["3"]}', families), [
    'spec.kprobes[0].selectors[1].matchArgs[0].values: it never matches: argument 0 is always ' +
      '2 or 10 with cgroup',
  ])
  assert.equal(warnings('{index: 3, operator: NotEqual, values: ["0"]}').length, 1)
})

test('nothing is reported if a value is possible, or unknown', () => {
  for (const condition of [
    '{index: 0, operator: Equal, values: ["17", "10"]}',
    '{index: 0, operator: NotEqual, values: ["2"]}',
    '{index: 1, operator: Equal, values: ["10"]}',
    '{index: 3, operator: Equal, values: ["0"]}',
    '{index: 0, operator: GT, values: ["10"]}',
  ]) {
    assert.deepEqual(warnings(condition), [], condition)
  }
})
