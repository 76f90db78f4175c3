import assert from 'node:assert/strict'
import { test } from 'node:test'
import { actionNames, actions } from './actions/index.ts'
import { enforces, findUnsupported, type PolicyDocument, readPolicies } from './index.ts'
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

const hooks: Readonly<Record<string, string>> = {
  kprobes: 'call: sys_read',
  lsmhooks: 'hook: file_open',
  usdts: 'path: /x, provider: a, name: b',
}
const fields: Readonly<Record<string, string>> = {
  Signal: ', argSig: 9',
  Override: ', argError: -1',
  Set: ', argIndex: 0, argValue: 1',
}

const policyWith = (action: string, mode = ''): string => {
  const [section] = ['kprobes', 'usdts'].filter((name) =>
    actions[action as 'Set'].sections.includes(name as 'usdts'),
  )
  const options = mode === '' ? '' : `options: [{name: policy-mode, value: ${mode}}]\n`
  const fieldsOf = `{action: ${action}${fields[action] ?? ''}}`
  return `${options}${section}:
- ${hooks[section].replaceAll(', ', '\n  ')}
  selectors:
  - matchActions:
    - ${fieldsOf}`
}

test('an enforcing action is refused, unless the policy monitors', () => {
  const later = actionNames.filter((name) => actions[name].effect === 'enforce-later')
  assert.deepEqual(later, ['Set'])
  for (const name of later) {
    const document = documentOf(policyWith(name))
    assert.ok(enforces(document.policy), name)
    const errors = findUnsupported(document).filter(({ code }) => code === 'POLICY_ENFORCEMENT')
    assert.deepEqual(
      errors.map(({ severity, message }) => [severity, message]),
      [
        [
          'error',
          `this release cannot enforce ${name}; to observe only, set policy-mode to monitor`,
        ],
      ],
    )
    assert.match(errors[0].path, /\.selectors\[0\]\.matchActions\[0\]\.action$/)
    assert.equal(
      document
        .line(errors[0].line)
        ?.slice(errors[0].column - 1)
        .startsWith(name),
      true,
    )
    for (const monitored of [
      document.withMode('monitor'),
      documentOf(policyWith(name, 'monitor')),
    ]) {
      const left = findUnsupported(monitored).map(({ code }) => code)
      assert.deepEqual(left, ['POLICY_UNSUPPORTED'], name)
    }
    // The caller's mode overrides that of the policy.
    const codes = findUnsupported(documentOf(policyWith(name, 'monitor')).withMode('enforce'))
    assert.ok(codes.some(({ code }) => code === 'POLICY_ENFORCEMENT'))
  }
})

test('of a repeated action the first is reported', () => {
  const set = '{action: Set, argIndex: 0, argValue: 1}'
  const selector = `  - matchActions: [${set}, ${set}]\n`
  const spec = `usdts:\n- path: /x\n  provider: a\n  name: b\n  selectors:\n${selector.repeat(50)}`
  const errors = found(spec).filter((text) => text.includes('POLICY_ENFORCEMENT'))
  assert.deepEqual(errors, [
    'error POLICY_ENFORCEMENT 11:31 spec.usdts[0].selectors[0].matchActions[0].action: ' +
      'this release cannot enforce Set; to observe only, set policy-mode to monitor',
  ])
})

test('unimplemented sections are refused at their position', () => {
  assert.deepEqual(found('uprobes:\n- path: /bin/bash\n  symbols: [readline]'), [
    'error POLICY_UNSUPPORTED 6:3 spec.uprobes: this release does not implement uprobes',
  ])
  assert.deepEqual(found('usdts:\n- {path: /x, provider: a, name: b}'), [
    'error POLICY_UNSUPPORTED 6:3 spec.usdts: this release does not implement usdts',
  ])
  assert.deepEqual(found('loader: true'), [
    'error POLICY_UNSUPPORTED 6:11 spec.loader: this release does not implement loader',
  ])
  assert.deepEqual(found('loader: false\nkprobes: [{call: sys_read}]'), [])
})

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
