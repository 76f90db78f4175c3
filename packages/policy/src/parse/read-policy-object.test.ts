import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parse } from 'yaml'
import { formatDiagnostic } from '../diagnostics/format.ts'
import { everythingPolicy } from '../schema/index.ts'
import { goodPolicy, policyText } from '../testing/policies.ts'
import { readPolicies } from './policy-document.ts'
import { readPolicyContent, readPolicyObject } from './read-policy-object.ts'

const hook = 'kprobes: [{call: f, syscall: false}]'

function jsonOf(yaml: string): string {
  return JSON.stringify(parse(yaml, { intAsBigInt: false }))
}

test('a policy as JSON is the policy of the file, and its text as YAML is, too', () => {
  const [document] = readPolicyObject(jsonOf(everythingPolicy()), 'x').documents
  assert.deepEqual(document.policy, goodPolicy(everythingPolicy()))
  assert.deepEqual(goodPolicy(document.text), document.policy)
  assert.match(document.text, /^spec:$/m)
})

test('any string has its value', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('yes', 'off', '012', '1:30', '0x1', 'null', '- a', '#', '"', '\\', '\u2028'),
  )
  fc.assert(
    fc.property(text, text, (key, value) => {
      const object = parse(policyText(hook))
      object.metadata.labels = Object.fromEntries([[key, value]])
      const [document] = readPolicyObject(JSON.stringify(object), 'x').documents
      assert.deepEqual(Object.entries(document.policy.labels), [[key, value]])
      assert.deepEqual(goodPolicy(document.text).labels, document.policy.labels)
    }),
  )
})

test('diagnostics have the path instead of a line, those of later checks, too', () => {
  const wrong = jsonOf(policyText('kprobes: [{cal: f}]\nlodaer: true'))
  const { diagnostics, documents } = readPolicyObject(wrong, 'TracingPolicy test')
  assert.deepEqual(documents, [])
  assert.deepEqual(
    diagnostics.map((each) => formatDiagnostic(each)).filter((each) => each.includes('lodaer')),
    ['TracingPolicy test: error: unknown field "lodaer"; did you mean "loader"? (spec.lodaer)'],
  )
  assert.ok(diagnostics.every(({ line, column }) => line === 0 && column === 0))
  const named = readPolicyObject(jsonOf(policyText(`${hook}\noptions: [{name: a, value: b}]`)), 'x')
  const [{ warnings }] = named.documents
  assert.deepEqual(
    warnings.map(({ line, path }) => [line, path]),
    [[0, 'spec.options[0].name']],
  )
  const later = named.documents[0]
    .withMode('monitor')
    .diagnose('spec.kprobes[0].call', 'POLICY_CALL', 'm')
  assert.equal(formatDiagnostic(later), 'x: error: m (spec.kprobes[0].call)')
})

test('a policy for a node has no nodeSelector', () => {
  const text = policyText(`${hook}\nnodeSelector: {}`)
  const { policy } = readPolicies(text, 'x').documents[0].forNode()
  assert.deepEqual(policy, { ...goodPolicy(text.replace('nodeSelector: {}', '')) })
})

test('a long object on one line is not nested deeply', () => {
  const selectors = Array.from({ length: 400 }, (_, i) => ({
    matchArgs: [{ index: 0, operator: 'Equal', values: [`${i}`] }],
  }))
  const args = [{ index: 0, type: 'int' }]
  const content = parse(policyText(hook))
  content.spec.kprobes[0] = { ...content.spec.kprobes[0], args, selectors }
  const { document, diagnostics } = readPolicyContent({ title: 'x', content })
  assert.deepEqual(diagnostics, [])
  assert.equal(document?.policy.hooks[0].selectors.length, 400)
})

test('objects beyond the limits of clients are refused', () => {
  const problemOf = (spec: object): string => {
    const { document, diagnostics } = readPolicyContent({
      title: 'x',
      content: { ...parse(policyText(hook)), spec },
    })
    assert.equal(document, undefined)
    assert.equal(diagnostics.length, 1)
    return formatDiagnostic(diagnostics[0])
  }
  let deep: unknown[] = []
  for (let i = 0; i < 100_000; i++) deep = [deep]
  const hooks = Array.from({ length: 1001 }, (_, i) => ({ call: `f${i}`, syscall: false }))
  assert.match(problemOf({ kprobes: hooks }), /^x: error: it has 1001 hooks; the limit/)
  assert.match(problemOf({ lists: ['x'.repeat(2 ** 20)] }), /the maximum is 1048576/)
  assert.match(problemOf({ lists: deep }), /nested too deeply/)
  assert.match(problemOf({ number: 2 ** 60 }), /^x: error: number: integers above 2\^53 - 1/)
})
