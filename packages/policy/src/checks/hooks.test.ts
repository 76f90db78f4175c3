import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readPolicies } from '../testing/index.ts'
import { findingsOf, goodHook, kprobeText, policyText } from '../testing/policies.ts'

const one = 'spec.kprobes[0]'

/** Findings about the arguments of a hook of a section. */
function aboutArgs(section: string, hook: string, args: string): string[] {
  const text = policyText(`${section}:\n- ${hook}\n  args:\n  - ${args}`)
  return findingsOf(text).map((finding) => finding.replace(`spec.${section}[0].args[0].`, ''))
}

test('data in hooks of the kernel', () => {
  const data = 'data: [{type: int, source: current_task, resolve: pid}]'
  const match = 'selectors: [{matchData: [{index: 0, operator: Equal, values: ["1"]}]}]'
  const tracepoint = `tracepoints: [{subsystem: sched, event: sched_switch, ${data}, ${match}}]`
  assert.deepEqual(findingsOf(policyText(tracepoint)), [])
  assert.deepEqual(findingsOf(policyText(`lsmhooks: [{hook: file_open, ${data}, ${match}}]`)), [])
})

test('paths of uprobes are looked up in containers anyway', () => {
  const about = (value: string) =>
    findingsOf(
      policyText(`uprobes: [{path: /bin/a, symbols: [f], resolvePathInContainer: ${value}}]`),
    )
  for (const value of ['true', 'false']) assert.deepEqual(about(value), [])
})

test('calls: functions, system calls and lists', () => {
  const lists = `lists:
- {name: fn, values: [a]}
- {name: sys, type: syscalls, values: [sys_dup]}`
  const call = (name: string, syscall: boolean) =>
    findingsOf(policyText(`${lists}\nkprobes: [{call: "${name}", syscall: ${syscall}}]`)).filter(
      (finding) => !finding.startsWith('warning POLICY_IGNORED spec.lists'),
    )
  assert.deepEqual(call('fd_install', false), [])
  assert.deepEqual(call('sys_read', true), [])
  assert.deepEqual(call('__x64_sys_read', true), [])
  assert.deepEqual(call('list:fn', false), [])
  assert.deepEqual(call('list:sys', true), [])
  assert.deepEqual(call('fd_install', true), [`warning POLICY_CALL ${one}.call`])
  assert.deepEqual(call('fd install', false), [`POLICY_CALL ${one}.call`])
  assert.deepEqual(call('', false), [`POLICY_VALUE ${one}.call`])
  assert.deepEqual(call('list:fn', true), [`warning POLICY_LIST ${one}.call`])
  assert.deepEqual(call('list:sys', false), [`POLICY_LIST ${one}.call`])
  assert.deepEqual(call('list:none', false), [`POLICY_LIST ${one}.call`])
  const hook = goodHook(policyText(`${lists}\nkprobes: [{call: "list:sys"}]`))
  assert.equal(hook.list, 'sys')
})

test('syscall is true by default: a name that can only be a function is hooked as one', () => {
  const lists = `lists:
- {name: fn, values: [a]}
- {name: traced, type: generated_ftrace, pattern: "^ksys_"}`
  for (const call of ['fd_install', 'list:fn', 'list:traced']) {
    const text = policyText(`${lists}\nkprobes: [{call: "${call}"}]`)
    assert.equal(goodHook(text).syscall, false, call)
    const [{ severity, message, line }] = readPolicies(text, 'f').diagnostics.filter(
      ({ path }) => path === `${one}.call`,
    )
    assert.deepEqual([severity, line], ['warning', 9])
    assert.match(message, / hooked as .*: write syscall: false$/)
  }
  assert.equal(goodHook(policyText('kprobes: [{call: sys_read}]')).syscall, true)
})

test('types that a section does not support', () => {
  const kernel = 'call: f\n  syscall: false'
  assert.deepEqual(aboutArgs('kprobes', kernel, '{index: 0}'), ['POLICY_ARGUMENT type'])
  assert.deepEqual(aboutArgs('kprobes', kernel, '{type: auto}'), ['POLICY_ARGUMENT type'])
  assert.deepEqual(aboutArgs('kprobes', kernel, '{type: syscall64}'), ['POLICY_ARGUMENT type'])
  assert.deepEqual(aboutArgs('fentries', kernel, '{type: data_loc}'), ['POLICY_ARGUMENT type'])
  assert.deepEqual(aboutArgs('lsmhooks', 'hook: file_open', '{index: 0}'), ['POLICY_ARGUMENT type'])
  const tracepoint = 'subsystem: a\n  event: b'
  for (const type of ['auto', 'syscall64', 'data_loc']) {
    assert.deepEqual(aboutArgs('tracepoints', tracepoint, `{type: ${type}}`), [], type)
  }
  assert.deepEqual(aboutArgs('tracepoints', tracepoint, '{type: const_buf}'), [
    'POLICY_ARGUMENT type',
  ])
  const usdt = 'path: /x\n  provider: a\n  name: b'
  assert.deepEqual(aboutArgs('usdts', usdt, '{index: 1}'), [])
})

test('arrays have a size, and strings of Go are arguments of uprobes', () => {
  const about = (fields: string) => aboutArgs('uprobes', 'path: /x\n  symbols: [a]', `{${fields}}`)
  assert.deepEqual(about('type: int32_arr, size: 2'), [])
  assert.deepEqual(about('type: int32_arr'), ['POLICY_MISSING_FIELD size'])
  assert.deepEqual(about('type: int32_arr, size: 0'), ['POLICY_MISSING_FIELD size'])
  assert.deepEqual(about('type: int32_arr, size: 1024'), ['POLICY_RANGE size'])
  assert.deepEqual(about('type: int, size: 2'), ['warning POLICY_IGNORED size'])
  assert.deepEqual(about('type: go_string'), [])
  assert.deepEqual(about('type: go_string, returnCopy: true'), ['POLICY_ARGUMENT type'])
  const inKernel = aboutArgs('kprobes', 'call: sys_read', '{type: go_string}')
  assert.deepEqual(inKernel, ['POLICY_ARGUMENT type'])
})

test('addrinfo is for arguments of functions in user space, after the call', () => {
  const wrong = ['POLICY_ARGUMENT type']
  const type = 'type: addrinfo, returnCopy: true'
  const uprobe = 'path: /x\n  symbols: [a]'
  assert.deepEqual(aboutArgs('uprobes', uprobe, `{index: 3, ${type}}`), [])
  assert.deepEqual(aboutArgs('uprobes', uprobe, '{index: 3, type: addrinfo}'), wrong)
  const result = `return: true\n  returnArg: {${type}}`
  const [found] = findingsOf(policyText(`uprobes:\n- ${uprobe}\n  ${result}`))
  assert.equal(found, 'POLICY_ARGUMENT spec.uprobes[0].returnArg.type')
  const matches = 'selectors: [{matchArgs: [{index: 3, operator: Equal, values: ["a"]}]}]'
  const args = `args: [{index: 3, ${type}}]`
  const [match] = findingsOf(policyText(`uprobes:\n- ${uprobe}\n  ${args}\n  ${matches}`))
  assert.match(match, /selectors\[0\]\.matchArgs\[0\]\.operator$/)
  for (const [section, hook] of [
    ['kprobes', 'call: f\n  syscall: false'],
    ['lsmhooks', 'hook: file_open'],
    ['tracepoints', 'subsystem: a\n  event: b'],
    ['usdts', 'path: /x\n  provider: a\n  name: b'],
  ]) {
    const [first] = aboutArgs(section, hook, `{${type}}`)
    assert.equal(first, wrong[0], section)
  }
})

test('indexes up to the number of available arguments', () => {
  const limit = (section: string, hook: string, index: number) =>
    aboutArgs(section, hook, `{type: int, index: ${index}}`)
  const wrong = ['POLICY_INDEX index']
  assert.deepEqual(limit('kprobes', 'call: sys_x', 5), [])
  assert.deepEqual(limit('kprobes', 'call: sys_x', 6), wrong)
  assert.deepEqual(limit('kprobes', 'call: f\n  syscall: false', 11), [])
  assert.deepEqual(limit('kprobes', 'call: f\n  syscall: false', 12), wrong)
  assert.deepEqual(limit('uprobes', 'path: /x\n  symbols: [a]', 6), wrong)
  assert.deepEqual(limit('tracepoints', 'subsystem: a\n  event: b', 40), [])
  assert.deepEqual(limit('tracepoints', 'subsystem: a\n  event: b\n  raw: true', 12), wrong)
})

test('sizes count from 1 in documents and from 0 here', () => {
  const [size, none] = goodHook(
    kprobeText('args:\n- {type: char_buf, sizeArgIndex: 3}\n- {type: char_buf, sizeArgIndex: 0}'),
  ).args
  assert.equal(size.sizeIndex, 2)
  assert.equal(none.sizeIndex, undefined)
  assert.deepEqual(findingsOf(kprobeText('args: [{type: char_buf, sizeArgIndex: 16}]')), [
    `POLICY_RANGE ${one}.args[0].sizeArgIndex`,
  ])
  assert.deepEqual(findingsOf(kprobeText('args: [{type: int, sizeArgIndex: 1}]')), [
    `warning POLICY_IGNORED ${one}.args[0].sizeArgIndex`,
  ])
})

test('maxData', () => {
  assert.equal(
    goodHook(kprobeText('args: [{type: char_buf, maxData: true}]')).args[0].maxData,
    true,
  )
  assert.deepEqual(
    findingsOf(kprobeText('args: [{type: char_buf, maxData: true, returnCopy: true}]')),
    [`POLICY_ARGUMENT ${one}.args[0].maxData`],
  )
  assert.deepEqual(findingsOf(kprobeText('args: [{type: int, maxData: true}]')), [
    `warning POLICY_IGNORED ${one}.args[0].maxData`,
  ])
})

test('returnCopy where functions return', () => {
  const copy = '{type: char_buf, returnCopy: true}'
  assert.deepEqual(aboutArgs('kprobes', 'call: sys_read', copy), [])
  const ignored = ['warning POLICY_IGNORED returnCopy']
  assert.deepEqual(aboutArgs('lsmhooks', 'hook: file_open', copy), ignored)
  assert.deepEqual(aboutArgs('tracepoints', 'subsystem: a\n  event: b', copy), ignored)
})

test('paths of members', () => {
  const resolve = (text: string) =>
    goodHook(kprobeText(`args: [{type: int, resolve: "${text}", btfType: task_struct}]`)).args[0]
  assert.deepEqual(resolve('mm.owner[3].comm').resolve, ['mm', 'owner', 3, 'comm'])
  assert.deepEqual(resolve('[2].a').resolve, [2, 'a'])
  assert.deepEqual(resolve('').resolve, [])
  assert.equal(resolve('pid').btfType, 'task_struct')
  for (const text of ['a..b', '.a', 'a.', 'a[x]', 'a[1', 'a b', 'a->b']) {
    assert.deepEqual(
      findingsOf(kprobeText(`args: [{type: int, resolve: "${text}"}]`)),
      [`POLICY_ARGUMENT ${one}.args[0].resolve`],
      text,
    )
  }
  const tracepoint = (raw: boolean) =>
    aboutArgs('tracepoints', `subsystem: a\n  event: b\n  raw: ${raw}`, '{type: int, resolve: a}')
  assert.deepEqual(tracepoint(true), [])
  assert.deepEqual(tracepoint(false), ['POLICY_ARGUMENT resolve'])
})

test('data has a source, arguments do not', () => {
  const hook = goodHook(
    kprobeText('data:\n- {type: string, source: current_task, resolve: comm, index: 40}'),
  )
  assert.equal(hook.data[0].source, 'current_task')
  assert.deepEqual(
    findingsOf(kprobeText('data: [{type: int}]\nargs: [{type: int, source: pt_regs}]')),
    [
      `POLICY_MISSING_FIELD ${one}.data[0].source`,
      `POLICY_MISSING_FIELD ${one}.data[0].resolve`,
      `POLICY_ARGUMENT ${one}.args[0].source`,
    ],
  )
})

test('results', () => {
  const hook = goodHook(
    kprobeText('return: true\nreturnArg: {type: sock}\nreturnArgAction: TrackSock'),
  )
  assert.equal(hook.returnArg?.type, 'sock')
  assert.equal(hook.returnArgAction, 'TrackSock')
  assert.deepEqual(findingsOf(kprobeText('return: true')), [
    `POLICY_MISSING_FIELD ${one}.returnArg`,
  ])
  assert.deepEqual(findingsOf(kprobeText('returnArg: {type: int}')), [
    `warning POLICY_IGNORED ${one}.returnArg`,
  ])
  assert.deepEqual(findingsOf(kprobeText('return: true\nreturnArg: {index: 0}')), [
    `POLICY_ARGUMENT ${one}.returnArg.type`,
  ])
  const action = 'returnArgAction: UntrackSock'
  assert.deepEqual(findingsOf(kprobeText(action)), [`POLICY_RETURN ${one}.returnArgAction`])
  assert.deepEqual(findingsOf(kprobeText(`return: true\nreturnArg: {type: int}\n${action}`)), [
    `POLICY_ACTION ${one}.returnArgAction`,
  ])
})

test('messages and tags: length and escapes', () => {
  const hook = goodHook(kprobeText('message: "a \\"b\\" \\t"\ntags: ["ab", "ä\\n"]'))
  assert.equal(hook.message, String.raw`a \"b\" \t`)
  assert.deepEqual(hook.tags, ['ab', String.raw`ä\n`])
  assert.deepEqual(findingsOf(kprobeText('message: a\ntags: ["", b, cc]')), [
    `POLICY_TEXT ${one}.message`,
    `POLICY_TEXT ${one}.tags[0]`,
    `POLICY_TEXT ${one}.tags[1]`,
  ])
  const long = kprobeText(`message: ${'m'.repeat(300)}\ntags: ["${'ä'.repeat(70)}"]`)
  assert.deepEqual(findingsOf(long), [
    `warning POLICY_TEXT ${one}.message`,
    `warning POLICY_TEXT ${one}.tags[0]`,
  ])
  assert.equal(goodHook(long).message, 'm'.repeat(256))
  assert.equal(goodHook(long).tags[0], 'ä'.repeat(64))
  assert.equal(goodHook(kprobeText(`tags: ["a${'ä'.repeat(70)}"]`)).tags[0], `a${'ä'.repeat(63)}`)
})

test('names of tracepoints and LSM hooks', () => {
  const tracepoint = (subsystem: string, event: string) =>
    findingsOf(policyText(`tracepoints: [{subsystem: "${subsystem}", event: "${event}"}]`))
  assert.deepEqual(tracepoint('sched', 'sched_switch'), [])
  assert.deepEqual(tracepoint('a/b', 'c d'), [
    'POLICY_CALL spec.tracepoints[0].subsystem',
    'POLICY_CALL spec.tracepoints[0].event',
  ])
  const lsm = (name: string) => findingsOf(policyText(`lsmhooks: [{hook: ${name}}]`))
  assert.deepEqual(lsm('file_open'), [])
  assert.deepEqual(lsm('bpf_lsm_file_open'), ['POLICY_CALL spec.lsmhooks[0].hook'])
  assert.deepEqual(lsm('security_file_open'), ['POLICY_CALL spec.lsmhooks[0].hook'])
})

test('uprobes', () => {
  const uprobe = (fields: string) => policyText(`uprobes: [{path: /bin/sh, ${fields}}]`)
  const found = (fields: string) => findingsOf(uprobe(fields))
  assert.deepEqual(
    goodHook(uprobe('offsets: [0x10, 18446744073709551615], refCtrOffsets: [1, 2]')).user,
    {
      file: '/bin/sh',
      symbols: [],
      offsets: [16n, 2n ** 64n - 1n],
      addresses: [],
      refCtrOffsets: [1n, 2n],
      binaryDigests: [],
      ignoreDigestFailure: false,
    },
  )
  assert.deepEqual(found('btfPath: /x'), ['POLICY_CALL spec.uprobes[0]'])
  assert.deepEqual(found('symbols: [a], addrs: [1]'), ['POLICY_CALL spec.uprobes[0].addrs'])
  assert.deepEqual(found('symbols: ["a+0x10", "a+b", "main.f"]'), [
    'POLICY_CALL spec.uprobes[0].symbols[1]',
  ])
  assert.deepEqual(found('symbols: [a, b], refCtrOffsets: [1]'), [
    'POLICY_VALUE spec.uprobes[0].refCtrOffsets',
  ])
  assert.deepEqual(found('symbols: [a, b], refCtrOffsets: [0xffffffff, 0x100000000]'), [
    'POLICY_RANGE spec.uprobes[0].refCtrOffsets[1]',
  ])
  const digest = (text: string) => found(`symbols: [a], binaryDigests: ["${text}"]`)
  assert.deepEqual(digest(`sha256:${'ab'.repeat(32)}`), [])
  assert.deepEqual(digest('build-id:0123abcd'), [])
  for (const text of ['sha256:ab', 'md5:00', 'sha1', `sha1:${'zz'.repeat(20)}`, 'build-id:']) {
    assert.deepEqual(digest(text), ['POLICY_VALUE spec.uprobes[0].binaryDigests[0]'], text)
  }
})

test('optional fields of hooks', () => {
  assert.equal(goodHook(kprobeText('ignore: {callNotFound: true}')).ignoreCallNotFound, true)
  assert.equal(goodHook(kprobeText('')).ignoreCallNotFound, false)
})
