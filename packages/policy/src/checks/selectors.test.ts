import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Selector } from '../model/index.ts'
import { readPolicies } from '../testing/index.ts'
import { findingsOf, goodHook, kprobeText, policyText } from '../testing/policies.ts'

const base = 'spec.kprobes[0].selectors[0]'
const args = `args:
- {index: 0, type: int}
- {index: 3, type: file}
- {index: 1, type: sock}`

/** A hook with some arguments and one selector with these fields, in flow style. */
function withSelector(fields: string): string {
  return kprobeText(`${args}\nselectors:\n- {${fields}}`)
}

function selector(fields: string): Selector {
  return goodHook(withSelector(fields)).selectors[0]
}

/** Findings below the selector. */
function found(fields: string): string[] {
  return findingsOf(withSelector(fields)).map((finding) => finding.replace(`${base}.`, ''))
}

test('an index is that of the argument, args are positions in the list', () => {
  const positions = (fields: string) =>
    selector(`matchArgs: [{operator: Equal, values: ["1"], ${fields}}]`).args[0].positions
  assert.deepEqual(positions('index: 0'), [0])
  assert.deepEqual(positions('index: 3'), [1])
  assert.deepEqual(positions('args: [1]'), [1])
  assert.deepEqual(positions('args: [1], index: 0'), [1])
  const wrong = (fields: string) =>
    found(`matchArgs: [{operator: Equal, values: ["1"], ${fields}}]`)
  assert.deepEqual(wrong('index: 2'), ['POLICY_INDEX matchArgs[0].index'])
  assert.deepEqual(wrong('args: [3]'), ['POLICY_INDEX matchArgs[0].args[0]'])
  assert.deepEqual(wrong('args: [0, 1]'), ['POLICY_INDEX matchArgs[0].args'])
})

test('tracepoints: an index is a field, otherwise a position in the list', () => {
  const positions = (index: number) =>
    goodHook(
      policyText(`
tracepoints:
- subsystem: raw_syscalls
  event: sys_enter
  args: [{index: 4, type: syscall64}, {index: 5}]
  selectors: [{matchArgs: [{index: ${index}, operator: Equal, values: ["1"]}]}]`),
    ).selectors[0].args[0].positions
  assert.deepEqual([4, 5, 0, 1].map(positions), [[0], [1], [0], [1]])
})

test('operators must support the type of the argument', () => {
  const about = (index: number, operator: string, values = '["1"]') =>
    found(`matchArgs: [{index: ${index}, operator: ${operator}, values: ${values}}]`)
  assert.deepEqual(about(0, 'GT'), [])
  for (const operator of ['Prefix', 'SAddr', 'FileType', 'Family']) {
    assert.deepEqual(about(0, operator), ['POLICY_OPERATOR matchArgs[0].operator'], operator)
  }
  assert.deepEqual(about(3, 'FileType', '["dir"]'), [])
  assert.deepEqual(about(3, 'GT'), ['POLICY_OPERATOR matchArgs[0].operator'])
  assert.deepEqual(about(1, 'Equal'), ['POLICY_OPERATOR matchArgs[0].operator'])
})

test('the number of values, and each value, must be valid', () => {
  const about = (operator: string, values: string, index = 0) =>
    found(`matchArgs: [{index: ${index}, operator: ${operator}, values: ${values}}]`)
  assert.deepEqual(about('Equal', '[]'), ['POLICY_MISSING_FIELD matchArgs[0].values'])
  assert.deepEqual(about('GT', '["1", "2"]'), ['POLICY_OPERAND matchArgs[0].values'])
  assert.deepEqual(about('SPortPriv', '["1"]', 1), ['warning POLICY_IGNORED matchArgs[0].values'])
  assert.deepEqual(about('Equal', '["x", "1", "0xfffffffff"]'), [
    'POLICY_OPERAND matchArgs[0].values[0]',
    'POLICY_OPERAND matchArgs[0].values[2]',
  ])
})

test('spellings of other documents', () => {
  const [match] = selector(
    'matchArgs: [{index: 3, operator: SubStringIgnoreCase, values: ["a"]}]',
  ).args
  assert.equal(match.test.operator, 'substring-ignore-case')
  const [privileged] = selector('matchArgs: [{index: 1, operator: NotSPortPriv}]').args
  assert.deepEqual([privileged.test.operator, privileged.negated], ['source-port', true])
  assert.deepEqual(found('matchArgs: [{index: 0, operator: equal, values: ["1"]}]'), [
    'POLICY_VALUE matchArgs[0].operator',
  ])
})

test('lists in values', () => {
  const hook = (list: string, type: string) =>
    findingsOf(
      policyText(`
lists:
- {name: sys, type: syscalls, values: [sys_dup]}
- {name: fn, values: [f]}
tracepoints:
- subsystem: a
  event: b
  args: [{index: 4, type: ${type}}]
  selectors: [{matchArgs: [{index: 4, operator: InMap, values: ["list:${list}"]}]}]`),
    )
  const path = 'spec.tracepoints[0].selectors[0].matchArgs[0].values[0]'
  assert.deepEqual(hook('sys', 'syscall64'), ['warning POLICY_IGNORED spec.lists[1]'])
  assert.deepEqual(hook('sys', 'int'), [`POLICY_LIST ${path}`])
  assert.deepEqual(hook('fn', 'syscall64'), [`POLICY_LIST ${path}`])
  assert.deepEqual(hook('none', 'syscall64'), [`POLICY_LIST ${path}`])
})

test('capabilities gained: two arguments', () => {
  const hook = (fields: string) =>
    kprobeText(`args: [{index: 0, type: cap_effective}, {index: 1, type: cap_permitted}]
selectors: [{matchArgs: [{operator: CapabilitiesGained, ${fields}}]}]`)
  assert.deepEqual(goodHook(hook('args: [1, 0]')).selectors[0].args[0].positions, [1, 0])
  assert.deepEqual(findingsOf(hook('index: 0')), [`POLICY_MISSING_FIELD ${base}.matchArgs[0].args`])
  assert.deepEqual(findingsOf(hook('args: [0]')), [`POLICY_INDEX ${base}.matchArgs[0].args`])
})

const deprecated = (match: string) => `warning POLICY_DEPRECATED ${match}.operator`

test('expressions', () => {
  const [match] = selector('matchArgs: [{operator: CelExpr, values: ["arg0 > 1"]}]').args
  assert.deepEqual([match.test.operator, match.positions], ['cel', [0]])
  const about = (text: string) => found(`matchArgs: [{operator: CelExpr, values: ["${text}"]}]`)
  for (const text of ['arg0', 'arg1 == 1', 'arg7 == 1', 'arg0 ==', '1 == 1']) {
    const wanted = [deprecated('matchArgs[0]'), 'POLICY_EXPRESSION matchArgs[0].values[0]']
    assert.deepEqual(about(text), wanted, text)
  }
})

test('matchCEL: members follow the items of data, each once', () => {
  const hook = (expr: string, more = '') =>
    kprobeText(`args: [{index: 3, type: file, resolve: file}, {index: 0, type: int${more}}]
data: [{type: uint64, source: current_task, resolve: mm}]
selectors: [{matchCEL: {expr: '${expr}'}}, {matchCEL: {expr: 'arg0.f_flags == 1'}}]`)
  const checked = goodHook(hook('arg0.f_flags == 0 && data0.owner.pid > arg1'))
  assert.deepEqual(
    checked.data.map(({ index, resolve, source, label }) => [index, resolve, source, label]),
    [
      [0, ['mm'], 'current_task', ''],
      [3, ['file', 'f_flags'], undefined, 'arg0.f_flags'],
      [0, ['mm', 'owner', 'pid'], 'current_task', 'data0.owner.pid'],
    ],
  )
  assert.deepEqual(
    checked.selectors.map(({ expressions: [each] }) => [each.positions, each.dataPositions]),
    [
      [[1], [1, 2]],
      [[], [1]],
    ],
  )
  for (const [text, more] of [
    ['arg3.x == 1'],
    ['data1.x == 1'],
    ['args.x == 1'],
    ['arg1.x == 1', ', returnCopy: true'],
  ]) {
    assert.deepEqual(
      findingsOf(hook(text, more)),
      [`POLICY_EXPRESSION ${base}.matchCEL.expr`],
      text,
    )
  }
})

test('matchCEL: a hook has room for 64 members', () => {
  const sum = (count: number) =>
    `${Array.from({ length: count }, (_, i) => `arg0.x${i}`).join(' + ')} == 1`
  const hook = (count: number) =>
    kprobeText(`args: [{index: 0, type: file}]\nselectors: [{matchCEL: {expr: '${sum(count)}'}}]`)
  assert.deepEqual(findingsOf(hook(64)), [])
  assert.deepEqual(findingsOf(hook(65)), [`POLICY_EXPRESSION ${base}.matchCEL.expr`])
})

test('matchCEL: members of a tracepoint require raw', () => {
  const hook = (raw: boolean) =>
    policyText(`
tracepoints:
- subsystem: sched
  event: sched_process_exec
  raw: ${raw}
  args: [{index: 2, type: linux_binprm}]
  selectors: [{matchCEL: {expr: 'arg0.argc == 1'}}]`)
  assert.deepEqual(findingsOf(hook(true)), [])
  const path = 'spec.tracepoints[0].selectors[0].matchCEL.expr'
  assert.deepEqual(findingsOf(hook(false)), [`POLICY_ARGUMENT ${path}`])
})

test('matchCEL: names are positions in args and data', () => {
  const hook = (expr: string) =>
    kprobeText(`args: [{index: 3, type: int}, {index: 0, type: uint16}, {index: 1, type: string}]
data: [{type: int, source: current_task, resolve: pid}]
selectors: [{matchCEL: {expr: '${expr}'}}]`)
  const [match] = goodHook(hook('arg0 == data0 || arg2.contains("x")')).selectors[0].expressions
  assert.deepEqual([match.positions, match.dataPositions], [[0, 2], [0]])
  assert.equal(goodHook(hook('ntoh16(arg1) == 80')).selectors[0].expressions.length, 1)
  for (const text of [
    'arg3 == 1',
    'data1 == 1',
    'arg1 == arg0',
    'arg2 == 1',
    'args == 1',
    '1 == 1',
  ]) {
    assert.deepEqual(findingsOf(hook(text)), [`POLICY_EXPRESSION ${base}.matchCEL.expr`], text)
  }
  assert.deepEqual(findingsOf(hook('')), [`POLICY_VALUE ${base}.matchCEL.expr`])
  // Tetragon's page has this spelling.
  assert.deepEqual(findingsOf(hook('arg0 == 1').replace('matchCEL', 'MatchCel')), [
    `warning POLICY_SPELLING ${base}.matchCEL`,
  ])
  assert.deepEqual(findingsOf(kprobeText('selectors: [{matchCEL: {}}]')), [
    `POLICY_MISSING_FIELD ${base}.matchCEL.expr`,
  ])
})

test('matchCmdArgs: values and positions', () => {
  const [first, second] = selector(
    'matchCmdArgs: [{index: 3, operator: NotPrefix, values: ["-a\\0"]}, ' +
      '{anyIndex: true, operator: SubString, values: ["x"], ignoreCase: true}]',
  ).commandArguments
  assert.deepEqual(
    [first.index, first.how, first.negated, first.values, first.ignoreCase],
    [3, 'prefix', true, ['-a'], false],
  )
  assert.deepEqual(
    [second.index, second.how, second.negated, second.ignoreCase],
    ['any', 'substring', false, true],
  )
  const about = (fields: string) => found(`matchCmdArgs: [{${fields}}]`)
  const value = (code: string) => [`${code} matchCmdArgs[0].values[0]`]
  assert.deepEqual(about('operator: Equal, values: [""]'), [])
  assert.deepEqual(about('operator: Prefix, values: [""]'), value('POLICY_OPERAND'))
  assert.deepEqual(about('operator: Equal, values: ["a\\0b"]'), value('POLICY_OPERAND'))
  assert.deepEqual(about(`operator: Equal, values: ["${'a'.repeat(4092)}"]`), [])
  const long = about(`operator: Equal, values: ["${'a'.repeat(4093)}"]`)
  assert.deepEqual(long, value('POLICY_OPERAND'))
  assert.deepEqual(about('operator: Equal'), ['POLICY_MISSING_FIELD matchCmdArgs[0].values'])
  assert.deepEqual(about('operator: GT, values: ["1"]'), ['POLICY_VALUE matchCmdArgs[0].operator'])
  assert.deepEqual(about('index: -1, operator: Equal, values: ["1"]'), [
    'POLICY_RANGE matchCmdArgs[0].index',
  ])
  assert.deepEqual(about('index: 1024, operator: Equal, values: ["1"]'), [
    'POLICY_RANGE matchCmdArgs[0].index',
  ])
  assert.deepEqual(about('index: 1, anyIndex: true, operator: Equal, values: ["1"]'), [
    'warning POLICY_IGNORED matchCmdArgs[0].index',
  ])
})

test('matchCmdArgs: the word any instead of a position', () => {
  for (const word of ['any', '"any"', 'Any']) {
    const text = kprobeText(`selectors:
  - matchCmdArgs:
      - index: ${word}
        operator: Equal
        values: ["-k"]`)
    const { diagnostics } = readPolicies(text, 'p.yaml')
    const line = text.split('\n').findIndex((each) => each.includes('index: ')) + 1
    const column = text.split('\n')[line - 1].indexOf(word) + 1
    assert.deepEqual(
      diagnostics.map((each) => [each.code, each.line, each.column, each.message]),
      [
        [
          ...['POLICY_TYPE', line, column],
          `expected a whole number, not ${word}: write "anyIndex: true" instead`,
        ],
      ],
    )
  }
})

test('CelExpr is deprecated', () => {
  const text = kprobeText(`args: [{index: 0, type: int}]
selectors: [{matchArgs: [{operator: CelExpr, values: ["arg0 == 1"]}]}]`)
  assert.deepEqual(findingsOf(text), [`warning POLICY_DEPRECATED ${base}.matchArgs[0].operator`])
})

test('expressions of hooks without arguments', () => {
  const hook = (matcher: string, text: string) =>
    kprobeText(`return: true
returnArg: {type: int}
selectors: [{${matcher}: [{operator: CelExpr, values: ["${text}"]}]}]`)
  for (const matcher of ['matchArgs', 'matchData', 'matchReturnArgs']) {
    const match = `${base}.${matcher}[0]`
    const invalid = [deprecated(match), `POLICY_EXPRESSION ${match}.values[0]`]
    assert.deepEqual(findingsOf(hook(matcher, '1 == 1')), invalid, matcher)
  }
  assert.deepEqual(findingsOf(hook('matchArgs', 'arg0 == 1')), [
    deprecated(`${base}.matchArgs[0]`),
    `POLICY_EXPRESSION ${base}.matchArgs[0].values[0]`,
  ])
})

test('conditions on data and on results', () => {
  const hook = (fields: string, more = '') =>
    kprobeText(`${more}
data: [{type: string, source: current_task, resolve: comm}]
selectors: [{${fields}}]`)
  const data = 'matchData: [{index: 0, operator: Equal, values: ["a"]}]'
  assert.deepEqual(goodHook(hook(data)).selectors[0].data[0].positions, [0])
  assert.deepEqual(findingsOf(hook(data.replace('index: 0', 'index: 1'))), [
    `POLICY_INDEX ${base}.matchData[0].index`,
  ])
  const result = 'matchReturnArgs: [{index: 5, operator: LT, values: ["0"]}]'
  const returns = 'return: true\nreturnArg: {type: int}'
  assert.deepEqual(goodHook(hook(result, returns)).selectors[0].returnArgs[0].positions, [0])
  assert.deepEqual(findingsOf(hook(result)), [`POLICY_RETURN ${base}.matchReturnArgs`])
  assert.deepEqual(findingsOf(hook('matchReturnActions: [{action: Post}]')), [
    `POLICY_RETURN ${base}.matchReturnActions`,
  ])
})

test('conditions on the process', () => {
  const { pids, binaries, parentBinaries, namespaces, namespaceChanges } = selector(`
    matchPIDs: [{operator: In, values: [1, 4294967295]}, {operator: NotIn, values: [2]}],
    matchBinaries: [{operator: NotPrefix, values: ["/usr"]}, {operator: In, values: ["/a"]}],
    matchParentBinaries:
      [{operator: In, values: ["/b"], followChildren: true, resolveLinks: true}],
    matchNamespaces: [{namespace: Net, operator: NotIn, values: ["host_ns", "42"]}],
    matchNamespaceChanges: [{operator: In, values: [Mnt]}]`)
  assert.deepEqual(
    pids.map(({ negated, values }) => [negated, values]),
    [
      [false, [1, 4294967295]],
      [true, [2]],
    ],
  )
  assert.deepEqual(
    binaries.map(({ how, negated }) => [how, negated]),
    [
      ['prefix', true],
      ['equal', false],
    ],
  )
  assert.equal(parentBinaries[0].followChildren, true)
  assert.deepEqual(
    [...binaries, ...parentBinaries].map(({ resolveLinks }) => resolveLinks),
    [false, false, true],
  )
  assert.deepEqual(namespaces[0].values, ['host_ns', 42])
  assert.deepEqual(namespaceChanges[0].namespaces, ['Mnt'])
  assert.deepEqual(
    found(`
    matchPIDs: [{operator: In}],
    matchBinaries:
      [{operator: Prefix, values: ["/a", ""], followChildren: true, resolveLinks: true}],
    matchNamespaces: [{namespace: Net, operator: In, values: ["host", "4294967296"]}]`).toSorted(),
    [
      'POLICY_MISSING_FIELD matchPIDs[0].values',
      'POLICY_OPERAND matchBinaries[0].values[1]',
      'POLICY_OPERAND matchNamespaces[0].values[0]',
      'POLICY_OPERAND matchNamespaces[0].values[1]',
      'POLICY_SELECTOR matchBinaries[0].followChildren',
      'POLICY_SELECTOR matchBinaries[0].resolveLinks',
    ],
  )
})

test('capabilities: a mask of all values, effective by default', () => {
  const { capabilities, capabilityChanges } = selector(`
    matchCapabilities:
      [{operator: In, values: [CAP_CHOWN, DAC_OVERRIDE]},
       {type: Inheritable, operator: NotIn, values: [CAP_DAC_OVERRIDE, CAP_BPF]}],
    matchCapabilityChanges: [{operator: In, values: [CAP_SYS_ADMIN], isNamespaceCapability: true}]`)
  assert.deepEqual(
    capabilities.map(({ type, negated, mask }) => [type, negated, mask]),
    [
      ['Effective', false, 3n],
      ['Inheritable', true, 2n | (1n << 39n)],
    ],
  )
  assert.equal(capabilityChanges[0].isNamespaceCapability, true)
  const text = withSelector('matchCapabilities: [{operator: In, values: [SYS_ADMIN, cap_bpf]}]')
  assert.deepEqual(
    readPolicies(text, 'f').diagnostics.map(({ suggestion }) => suggestion),
    ['CAP_SYS_ADMIN', 'CAP_BPF'],
  )
})

test('workloads of a selector', () => {
  const { workloads } = selector('matchWorkloads: {podSelector: {matchLabels: {a: b}}}')
  assert.deepEqual(workloads?.podSelector?.matchLabels, { a: 'b' })
  assert.equal(workloads?.hostSelector, undefined)
  assert.deepEqual(found('matchWorkloads: {hostSelector: {matchLabels: {a: b}}}'), [
    'POLICY_SELECTOR matchWorkloads.hostSelector',
  ])
})

test('macros add fields that the selector does not have', () => {
  const hook = (macros: string, fields = '') =>
    policyText(`
selectorsMacros:
  shells: {matchBinaries: [{operator: In, values: ["/bin/sh"]}]}
  others: {matchBinaries: [{operator: NotIn, values: ["/bin/ls"]}]}
  init: {matchPIDs: [{operator: In, values: [1]}], label: first}
kprobes:
- call: f
  syscall: false
  selectors: [{macros: [${macros}]${fields}}]`)
  const [{ binaries, pids, label }] = goodHook(hook('shells, init')).selectors
  assert.equal(binaries[0].path, 'spec.selectorsMacros.shells.matchBinaries[0]')
  assert.equal(pids.length, 1)
  assert.equal(label, 'first')
  assert.deepEqual(findingsOf(hook('shells, others')), [`POLICY_MACRO ${base}.macros[1]`])
  const own = ', matchPIDs: [{operator: In, values: [2]}]'
  assert.deepEqual(findingsOf(hook('init', own)), [`POLICY_MACRO ${base}.macros[0]`])
  const { suggestion } = readPolicies(hook('shell'), 'f').diagnostics[0]
  assert.equal(suggestion, 'shells')
  assert.deepEqual(findingsOf(policyText('selectorsMacros: {a: {label: x}, b: {macros: [a]}}')), [
    'POLICY_MACRO spec.selectorsMacros.b.macros',
  ])
})

test('an invalid argument is reported once, not again where it is used', () => {
  const text = kprobeText(`args:
- {index: 0, type: nit}
- {indx: 1, type: int}
selectors:
- matchArgs:
  - {index: 0, operator: Equal, values: ["1"]}
  - {index: 1, operator: Equal, values: ["1"]}
  matchCEL: {expr: arg0 == 1 && arg1 == 2}
  matchActions:
  - {action: FollowFD, argFd: 0, argName: 1}`)
  assert.deepEqual(findingsOf(text), [
    'POLICY_VALUE spec.kprobes[0].args[0].type',
    'POLICY_UNKNOWN_FIELD spec.kprobes[0].args[1].indx',
  ])
})

test('no limits on selectors, conditions and values', () => {
  const values = Array.from({ length: 500 }, (_, i) => `"/bin/p${i}"`).join(', ')
  const matches = `{index: 3, operator: Equal, values: [${values}]}`
  const one = `- {matchArgs: [${Array(10).fill(matches).join(', ')}]}`
  const hook = goodHook(kprobeText(`${args}\nselectors:\n${Array(40).fill(one).join('\n')}`))
  assert.equal(hook.selectors.length, 40)
  assert.equal(hook.selectors[39].args.length, 10)
})
