import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findUnsupported, type PolicyDocument, readPolicies } from './index.ts'
import { policyText } from './testing/policies.ts'

function documentOf(spec: string, kind?: string): PolicyDocument {
  const { documents, diagnostics } = readPolicies(policyText(spec, kind), 'test.yaml')
  assert.deepEqual(
    diagnostics.filter(({ severity }) => severity === 'error'),
    [],
  )
  return documents[0]
}

/** `CODE line:column path message` of unsupported features. */
function found(spec: string, kind?: string): string[] {
  return findUnsupported(documentOf(spec, kind)).map(
    ({ severity, code, line, column, path, message }) =>
      `${severity} ${code} ${line}:${column} ${path}: ${message}`,
  )
}

test('policies that select workloads require options of the agent', () => {
  const hook = 'kprobes:\n- call: sys_read'
  const about = (spec: string, kind?: string): string[] =>
    [
      { kubernetes: true, policyFilter: true },
      { kubernetes: false, policyFilter: true },
      { kubernetes: false, policyFilter: false },
    ].map((abilities) => {
      const [first, ...others] = findUnsupported(documentOf(spec, kind), abilities)
      assert.deepEqual(others, [])
      return first === undefined ? '' : `${first.code} ${first.path}: ${first.message}`
    })
  const both = (path: string) => {
    const what = `POLICY_UNSUPPORTED ${path}: a policy that selects pods requires`
    const api = `${what} --enable-k8s-api of the agent`
    return ['', api, `${what} --enable-k8s-api and --enable-policy-filter of the agent`]
  }
  const labelled = `podSelector: {matchLabels: {app: web}}\n${hook}`
  assert.deepEqual(about(labelled), both('spec.podSelector'))
  assert.deepEqual(findUnsupported(documentOf(labelled)), [])
  assert.deepEqual(about(`hostSelector: {}\npodSelector: {}\n${hook}`), both('spec.podSelector'))
  const ofContainer = 'spec.kprobes[0].selectors[0].matchWorkloads.containerSelector'
  assert.deepEqual(
    about(`${hook}\n  selectors: [{matchWorkloads: {containerSelector: {}}}]`),
    both(ofContainer),
  )
  assert.deepEqual(about(hook, 'TracingPolicyNamespaced'), both('kind'))
  const everything = 'podSelector: {}\ncontainerSelector: {}\nhostSelector: {}\n'
  assert.deepEqual(about(`${everything}${hook}`), ['', '', ''])
  const host =
    'POLICY_UNSUPPORTED spec.hostSelector: a policy for the host requires --enable-policy-filter of the agent'
  assert.deepEqual(about(`hostSelector: {}\n${hook}`), ['', '', host])
  assert.deepEqual(found(`nodeSelector: {}\n${hook}`).length, 1)
})
