import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findingsOf, kprobeText, policyText } from '../testing/policies.ts'

test('unused parts are warnings', () => {
  assert.deepEqual(findingsOf(policyText('lists: [{name: a, values: [f]}]')), [
    'warning POLICY_IGNORED spec',
    'warning POLICY_IGNORED spec.lists[0]',
  ])
  const hook = 'kprobes: [{call: sys_read}]\n'
  assert.deepEqual(findingsOf(policyText(`${hook}selectorsMacros: {m: {label: x}}`)), [
    'warning POLICY_IGNORED spec.selectorsMacros.m',
  ])
  assert.deepEqual(findingsOf(policyText(`${hook}enforcers: [{calls: [sys_read]}]`)), [
    'warning POLICY_IGNORED spec.enforcers',
  ])
})

/** Enforcing actions without a condition are another warning. */
const someProcess = 'matchPIDs: [{operator: In, values: [1]}]'

test('lists are used by hooks, by values and by enforcers', () => {
  const lists = ['a', 'b', 'c'].map((name) => `{name: ${name}, type: syscalls, values: [sys_dup]}`)
  const text = policyText(`
lists: [${lists.join(', ')}]
enforcers: [{calls: ["list:a"]}]
kprobes:
- call: "list:b"
  selectors: [{${someProcess}, matchActions: [{action: NotifyEnforcer, argError: -1}]}]
tracepoints:
- subsystem: a
  event: b
  args: [{index: 4, type: syscall64}]
  selectors: [{matchArgs: [{index: 4, operator: InMap, values: ["list:c"]}]}]`)
  assert.deepEqual(findingsOf(text), [])
})

test('settings without effect are warnings', () => {
  const option = (name: string, value: string) =>
    findingsOf(
      policyText(`kprobes: [{call: sys_read}]\noptions: [{name: ${name}, value: "${value}"}]`),
    )
  for (const [name, value] of [
    ['disable-uprobe-multi', 'true'],
    ['override-method', 'fmod-ret'],
    ['sleepable-preload-size', '64'],
    ['process-limit', '5'],
    ['unreadable-arguments', 'allow'],
    ['unknown-workloads', 'enforce'],
    ['equal-refusals', 'post'],
  ]) {
    assert.deepEqual(option(name, value), ['warning POLICY_IGNORED spec.options[0].name'], name)
  }
  const kills = kprobeText(`selectors: [{${someProcess}, matchActions: [{action: Sigkill}]}]`)
  for (const name of ['unreadable-arguments', 'unknown-workloads']) {
    const options = `\n  options: [{name: ${name}, value: allow}]\n`
    assert.deepEqual(findingsOf(kills.trimEnd() + options), [], name)
  }
  const inKernel = ['fentries: [{call: sys_read}]', 'lsmhooks: [{hook: file_open}]']
  for (const hook of [...inKernel, 'tracepoints: [{subsystem: a, event: b}]']) {
    const text = policyText(`${hook}\noptions: [{name: disable-kprobe-multi, value: "true"}]`)
    const expected = inKernel.includes(hook) ? [] : ['warning POLICY_IGNORED spec.options[0].name']
    assert.deepEqual(findingsOf(text), expected, hook)
  }
  const enforcer = policyText(`
options: [{name: disable-kprobe-multi, value: "true"}]
enforcers: [{calls: [sys_read]}]
tracepoints:
- subsystem: a
  event: b
  selectors: [{${someProcess}, matchActions: [{action: NotifyEnforcer, argError: -1}]}]`)
  assert.deepEqual(findingsOf(enforcer), [])
  // A name that every object has.
  assert.deepEqual(option('constructor', '1'), ['warning POLICY_OPTION spec.options[0].name'])
  assert.deepEqual(option('sleepable-preload-size', '32768'), [])
  assert.deepEqual(option('disable-kprobe-multi', 'true'), [])
})

test('fields without effect are warnings', () => {
  const one = 'spec.kprobes[0]'
  const result = 'return: true\nreturnArg: {type: int'
  const about = (fields: string) =>
    findingsOf(kprobeText(fields, 'call: sys_read')).map((each) => each.replace(`${one}.`, ''))
  const ignored = (path: string) => [`warning POLICY_IGNORED ${path}`]
  assert.deepEqual(about(`${result}, index: 1}`), ignored('returnArg.index'))
  const match = (text: string) =>
    about(`${result}}\nargs: [{type: int}, {index: 1, type: int}]\nselectors: [{${text}}]`)
  const matched = 'selectors[0].matchReturnArgs[0]'
  assert.deepEqual(
    match('matchReturnArgs: [{index: 1, operator: Equal, values: ["0"]}]'),
    ignored(`${matched}.index`),
  )
  assert.deepEqual(
    match('matchReturnArgs: [{args: [1], operator: Equal, values: ["0"]}]'),
    ignored(`${matched}.args`),
  )
  assert.deepEqual(
    match('matchArgs: [{index: 1, args: [0], operator: Equal, values: ["0"]}]'),
    ignored('selectors[0].matchArgs[0].index'),
  )
  assert.deepEqual(match('matchArgs: [{args: [0], operator: CelExpr, values: ["arg0 == 1"]}]'), [
    ...ignored('selectors[0].matchArgs[0].args'),
    'warning POLICY_DEPRECATED selectors[0].matchArgs[0].operator',
  ])
  assert.deepEqual(
    match('matchReturnActions: [{action: Post, kernelStackTrace: true}]'),
    ignored('selectors[0].matchReturnActions[0].kernelStackTrace'),
  )
  assert.deepEqual(
    match('matchActions: [{action: GetUrl, argUrl: "http://a/"}, {action: NoPost}]'),
    ignored('selectors[0].matchActions[0].action'),
  )
  const data = (text: string) => about(`data: [{type: int, ${text}}]`)
  assert.deepEqual(data('index: 2, source: current_task, resolve: pid'), ignored('data[0].index'))
  assert.deepEqual(data('btfType: file, source: pt_regs, resolve: rax'), ignored('data[0].btfType'))
})

test('conditions and actions that can have no effect are warnings', () => {
  const selector = 'spec.kprobes[0].selectors[0]'
  const about = (text: string) => findingsOf(kprobeText(`selectors: [${text}]`, 'call: sys_read'))
  assert.deepEqual(about('{}, {matchActions: [{action: NoPost}]}, {}'), [
    'warning POLICY_SELECTOR spec.kprobes[0].selectors[1]',
  ])
  assert.deepEqual(about('{matchPIDs: [{operator: In, values: [1]}]}, {}'), [])
  assert.deepEqual(about('{matchPIDs: [{operator: In, values: [4194303, 4194304]}]}'), [
    `warning POLICY_OPERAND ${selector}.matchPIDs[0].values[1]`,
  ])
  const binaries = (how: string, path: string) =>
    about(`{matchBinaries: [{operator: ${how}, values: ["${path}"]}]}`)
  const never = [`warning POLICY_OPERAND ${selector}.matchBinaries[0].values[0]`]
  assert.deepEqual(binaries('In', 'bash'), never)
  assert.deepEqual(binaries('NotPrefix', 'usr/'), never)
  assert.deepEqual(binaries('Postfix', 'bash'), [])
  assert.deepEqual(binaries('In', `/${'a'.repeat(4095)}`), never)
  assert.deepEqual(binaries('In', `/${'a'.repeat(4094)}`), [])
  assert.deepEqual(about('{matchActions: [{action: Post, rateLimit: "0s"}]}'), [
    `warning POLICY_IGNORED ${selector}.matchActions[0].rateLimit`,
  ])
  assert.deepEqual(about('{matchActions: [{action: Post}, {action: NoPost}]}'), [
    `warning POLICY_IGNORED ${selector}.matchActions[0].action`,
  ])
  for (const url of ['file:///etc/shadow', 'nothing', 'ftp://a/']) {
    assert.deepEqual(about(`{matchActions: [{action: GetUrl, argUrl: "${url}"}]}`), [
      `POLICY_VALUE ${selector}.matchActions[0].argUrl`,
    ])
  }
})
