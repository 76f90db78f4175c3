import assert from 'node:assert/strict'
import { test } from 'node:test'
import { relativeCost } from '@tetragon-ts/api/testing'
import { findingsOf, goodHook, goodPolicy, kprobeText, policyText } from '../testing/policies.ts'
import { readPolicies } from './policy-document.ts'

const good = policyText('loader: true')

test('several documents in a file; empty ones do not count', () => {
  const text = `---\n---\n${good}---\n${good.replace('name: test', 'name: other')}---\n# end\n`
  const { documents, diagnostics } = readPolicies(text, 'f')
  assert.deepEqual(diagnostics, [])
  assert.deepEqual(
    documents.map(({ policy }) => policy.name),
    ['test', 'other'],
  )
})

test('an invalid document does not affect the others', () => {
  const { documents, diagnostics } = readPolicies(`${policyText('lodaer: true')}---\n${good}`, 'f')
  assert.equal(documents.length, 1)
  assert.deepEqual(
    diagnostics.map(({ code, line, column, suggestion }) => [code, line, column, suggestion]),
    [['POLICY_UNKNOWN_FIELD', 6, 3, 'loader']],
  )
  // Lines count from the start of the file.
  const second = readPolicies(`${good}---\n${policyText('lodaer: true')}`, 'f')
  assert.equal(second.diagnostics[0].line, 13)
})

test('a file without a policy', () => {
  for (const text of ['', '\n', '---\n', '# nothing\n']) {
    assert.deepEqual(findingsOf(text), ['POLICY_EMPTY '])
  }
})

test('YAML errors have positions', () => {
  const { diagnostics } = readPolicies('a: [1, 2\nb: "x', 'f')
  assert.ok(diagnostics.length > 0)
  for (const { code, line } of diagnostics) {
    assert.equal(code, 'POLICY_YAML')
    assert.ok(line <= 2)
  }
})

test('the number of reported YAML errors is limited', () => {
  const { diagnostics } = readPolicies(`a: 1\n${'x\n'.repeat(5000)}b: [`, 'f')
  assert.equal(diagnostics.length, 101)
  assert.match(diagnostics[100].message, /and \d+ more errors/)
})

test('all errors, in file order', () => {
  const text = kprobeText(`
args:
- index: zero
  type: sokc
- index: 1
  tpye: int
message: [a]
tags: x
returns: true`)
  assert.deepEqual(findingsOf(text), [
    'POLICY_TYPE spec.kprobes[0].args[0].index',
    'POLICY_VALUE spec.kprobes[0].args[0].type',
    'POLICY_UNKNOWN_FIELD spec.kprobes[0].args[1].tpye',
    'POLICY_TYPE spec.kprobes[0].message',
    'POLICY_TYPE spec.kprobes[0].tags',
    'POLICY_UNKNOWN_FIELD spec.kprobes[0].returns',
  ])
})

test('missing fields are reported where they should be', () => {
  assert.deepEqual(
    findingsOf('kind: TracingPolicy\nmetadata: {}\nspec:\n  kprobes:\n  - args: []\n'),
    [
      'POLICY_MISSING_FIELD apiVersion',
      'POLICY_MISSING_FIELD metadata.name',
      'POLICY_MISSING_FIELD spec.kprobes[0].call',
    ],
  )
})

test('a duplicate field', () => {
  const text = kprobeText('message: one\nmessage: two')
  const [{ code, message }] = readPolicies(text, 'f').diagnostics
  assert.equal(code, 'POLICY_DUPLICATE_KEY')
  assert.match(message, /"message" appears twice, again in line 10/)
})

test('numbers and booleans are not converted to strings, nor strings to numbers', () => {
  const values = (list: string, field = 'matchArgs') =>
    findingsOf(
      kprobeText(`
args: [{type: int}]
selectors:
- ${field}:
  - operator: ${field === 'matchArgs' ? 'Equal' : 'In'}
    values: [${list}]`),
    )
  assert.deepEqual(values('"1"'), [])
  for (const value of ['1', 'true', 'yes', '1.5', 'null', '0x10']) {
    assert.deepEqual(values(value), [
      'POLICY_TYPE spec.kprobes[0].selectors[0].matchArgs[0].values[0]',
    ])
  }
  const pids = 'spec.kprobes[0].selectors[0].matchPIDs[0].values[0]'
  assert.deepEqual(values('1', 'matchPIDs'), [])
  assert.deepEqual(values('"1"', 'matchPIDs'), [`POLICY_TYPE ${pids}`])
  assert.deepEqual(values('-1', 'matchPIDs'), [`POLICY_RANGE ${pids}`])
  assert.deepEqual(values('4294967296', 'matchPIDs'), [`POLICY_RANGE ${pids}`])
  // Octal for kubectl, decimal for others.
  assert.deepEqual(values('010', 'matchPIDs'), [`POLICY_TYPE ${pids}`])
})

test('defaults: system calls, types and positions', () => {
  const hook = goodHook(kprobeText('args: [{type: int}]', 'call: sys_read'))
  assert.equal(hook.syscall, true)
  assert.equal(hook.args[0].index, 0)
  assert.deepEqual(hook.selectors, [])
  assert.equal(hook.message, '')
})

test('a field without a value is an error: it might have been everything that restricts', () => {
  assert.deepEqual(findingsOf(kprobeText('args:\nselectors:\nmessage: ~')), [
    'POLICY_TYPE spec.kprobes[0].args',
    'POLICY_TYPE spec.kprobes[0].selectors',
    'POLICY_TYPE spec.kprobes[0].message',
  ])
  const [{ message, line, column }] = readPolicies(policyText('kprobes:'), 'f').diagnostics
  assert.deepEqual([line, column], [6, 3])
  assert.equal(message, 'kprobes has no value: omit it or set a value')
  assert.deepEqual(findingsOf(kprobeText('selectors:\n- matchArgs:\n  matchBinaries: ~')), [
    'POLICY_TYPE spec.kprobes[0].selectors[0].matchArgs',
    'POLICY_TYPE spec.kprobes[0].selectors[0].matchBinaries',
  ])
})

test('the word null is no oversight: Go programs write it for a list without items', () => {
  assert.deepEqual(findingsOf(kprobeText('args: null\nselectors: null\nreturnArg: null')), [])
})

test('null instead of workload selectors, defaults and metadata means absent', () => {
  assert.equal(goodPolicy(policyText('hostSelector: null\nloader: true')).hostSelector, undefined)
  assert.equal(goodHook(kprobeText('', 'call: sys_read\nsyscall: ~')).syscall, true)
  const text = policyText('loader: true').replace('name: test', 'name: test\n  labels:\n  uid: ~')
  assert.deepEqual(goodPolicy(text).labels, {})
})

test('the case of field names is ignored, with a warning', () => {
  const text = policyText('KProbes:\n- Call: sys_read\n  ARGS: [{Index: 1, type: int}]')
  const { documents, diagnostics } = readPolicies(text, 'f')
  const [hook] = documents[0].policy.hooks
  assert.deepEqual([hook.call, hook.args[0].index], ['sys_read', 1])
  assert.deepEqual(
    diagnostics.map((each) => [each.severity, each.code, each.path, each.line, each.suggestion]),
    [
      ['warning', 'POLICY_SPELLING', 'spec.kprobes', 6, 'kprobes'],
      ['warning', 'POLICY_SPELLING', 'spec.kprobes[0].call', 7, 'call'],
      ['warning', 'POLICY_SPELLING', 'spec.kprobes[0].args', 8, 'args'],
      ['warning', 'POLICY_SPELLING', 'spec.kprobes[0].args[0].index', 8, 'index'],
    ],
  )
  assert.equal(diagnostics[0].message, '"KProbes" is spelled "kprobes"')
  // Errors below such a field have positions too.
  const [, , wrong] = readPolicies(
    policyText('KProbes:\n- {Call: sys_read, Arg: 1}'),
    'f',
  ).diagnostics
  assert.deepEqual([wrong.code, wrong.line, wrong.suggestion], ['POLICY_UNKNOWN_FIELD', 7, 'args'])
})

test('two names that differ only in case are a duplicate field', () => {
  const text = policyText('kprobes: [{call: sys_read}]\nKprobes: [{call: sys_write}]')
  const { documents, diagnostics } = readPolicies(text, 'f')
  assert.equal(documents.length, 0)
  assert.deepEqual(
    diagnostics.map(({ code, message }) => [code, message]),
    [['POLICY_DUPLICATE_KEY', '"Kprobes" and "kprobes" are the same, again in line 7']],
  )
  // User-defined names, such as labels, may differ in case.
  const labels = policyText('loader: true').replace(
    'name: test',
    'name: test\n  labels: {App: a, app: b}',
  )
  assert.deepEqual(goodPolicy(labels).labels, { App: 'a', app: 'b' })
})

test('more tags than events can carry are an error', () => {
  const tags = (count: number) =>
    kprobeText(`tags: [${Array.from({ length: count }, (_, i) => `tag${i}`).join(', ')}]`)
  assert.equal(goodHook(tags(16)).tags.length, 16)
  const [{ code, path, message }] = readPolicies(tags(17), 'f').diagnostics
  assert.deepEqual([code, path], ['POLICY_RANGE', 'spec.kprobes[0].tags[16]'])
  assert.equal(message, '17 items; the limit is 16')
})

test('booleans of YAML 1.1 are read like kubectl does', () => {
  assert.equal(goodHook(kprobeText('', 'call: f\nsyscall: no')).syscall, false)
})

test('aliases and merge keys', () => {
  const hook = goodHook(
    kprobeText(`
args:
- &first
  index: 0
  type: int
- <<: *first
  index: 1
returnArg: *first
return: true`),
  )
  assert.deepEqual(
    hook.args.map(({ index, type }) => [index, type]),
    [
      [0, 'int'],
      [1, 'int'],
    ],
  )
  assert.equal(hook.returnArg?.type, 'int')
  assert.deepEqual(findingsOf(kprobeText('args: *nowhere')), ['POLICY_YAML '])
})

test('excessive aliases are refused quickly', async () => {
  const many = (item: string) => `[${Array(200).fill(item).join(', ')}]`
  const text = `x1: &v ${many('"1"')}
x2: &m ${many('{operator: Equal, values: *v}')}
x3: &s ${many('{matchArgs: *m}')}
${policyText('kprobes:').trimEnd()} ${many('{call: sys_read, selectors: *s}')}
`
  const cost = await relativeCost(() => {
    assert.ok(findingsOf(text).some((finding) => finding.startsWith('POLICY_ALIASES')))
  })
  assert.ok(cost < 500, `${cost}`)
})

test('the output of kubectl is accepted', () => {
  const text = good.replace(
    '  name: test\n',
    '  name: test\n  uid: abc\n  generation: 1\n  managedFields:\n  - manager: kubectl\n',
  )
  assert.equal(goodPolicy(text).loader, true)
})
