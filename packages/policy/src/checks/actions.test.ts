import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseRateLimit } from '../actions/rate-limit.ts'
import type { Action } from '../model/index.ts'
import { findingsOf, goodHook, policyText } from '../testing/policies.ts'

const hooks: Readonly<Record<string, string>> = {
  kprobes: 'call: f\n  syscall: false',
  fentries: 'call: f\n  syscall: false',
  tracepoints: 'subsystem: a\n  event: b',
  lsmhooks: 'hook: file_open',
  uprobes: 'path: /x\n  symbols: [a]',
  usdts: 'path: /x\n  provider: a\n  name: b',
}
const args = '[{index: 0, type: int}, {index: 1, type: file}, {index: 2, type: sock}]'

function withAction(action: string, section = 'kprobes', more = ''): string {
  return policyText(`${more}
${section}:
- ${hooks[section]}
  args: ${args}
  selectors: [{matchPIDs: [{operator: In, values: [1]}], matchActions: [{${action}}]}]`)
}

function action(text: string, section?: string, more?: string): Action {
  return goodHook(withAction(text, section, more)).selectors[0].actions[0]
}

function found(text: string, section = 'kprobes', more?: string): string[] {
  const base = `spec.${section}[0].selectors[0].matchActions[0]`
  return findingsOf(withAction(text, section, more)).map((each) => each.replace(base, ''))
}

test('rate limits in nanoseconds', () => {
  assert.equal(parseRateLimit('5'), 5_000_000_000n)
  assert.equal(parseRateLimit('5s'), 5_000_000_000n)
  assert.equal(parseRateLimit('1m'), 60_000_000_000n)
  assert.equal(parseRateLimit('2h'), 7_200_000_000_000n)
  for (const text of ['', 's', '5d', '-1', '1.5s', '5 s', '1m1s']) {
    assert.equal(parseRateLimit(text), undefined, text)
  }
})

test('Post', () => {
  assert.deepEqual(action('action: Post'), {
    path: 'spec.kprobes[0].selectors[0].matchActions[0]',
    action: 'Post',
    rateLimitNs: 0n,
    rateLimitScope: 'thread',
    kernelStackTrace: false,
    userStackTrace: false,
    imaHash: false,
  })
  assert.deepEqual(found('action: Post, rateLimit: soon'), ['POLICY_VALUE .rateLimit'])
  assert.deepEqual(found('action: Post, rateLimitScope: global'), [
    'warning POLICY_IGNORED .rateLimitScope',
  ])
  assert.deepEqual(found('action: Sigkill, rateLimit: 5s'), ['POLICY_ACTION .rateLimit'])
  assert.deepEqual(found('action: Post, userStackTrace: true', 'lsmhooks'), [])
  assert.deepEqual(found('action: Post, userStackTrace: true', 'uprobes'), [])
  assert.deepEqual(found('action: Post, kernelStackTrace: true', 'uprobes'), [
    'warning POLICY_IGNORED .kernelStackTrace',
  ])
  assert.deepEqual(found('action: Post, imaHash: true', 'lsmhooks'), [])
  assert.deepEqual(found('action: Post, imaHash: true'), ['POLICY_ACTION .imaHash'])
})

test('sections that allow actions', () => {
  const possible: readonly (readonly [string, string])[] = [
    ['action: NoPost', 'kprobes fentries tracepoints lsmhooks uprobes usdts'],
    ['action: Sigkill', 'kprobes fentries tracepoints lsmhooks uprobes usdts'],
    ['action: Signal, argSig: 9', 'kprobes fentries tracepoints lsmhooks uprobes usdts'],
    ['action: Override, argError: -1', 'kprobes lsmhooks uprobes'],
    ['action: GetUrl, argUrl: "http://a/"', 'kprobes fentries tracepoints'],
    ['action: DnsLookup, argFqdn: a', 'kprobes fentries tracepoints'],
    ['action: TrackSock, argSock: 2', 'kprobes fentries'],
    ['action: UntrackSock, argSock: 2', 'kprobes fentries'],
    ['action: NotifyEnforcer, argError: -1', 'kprobes fentries tracepoints uprobes usdts'],
    ['action: CleanupEnforcerNotification', 'kprobes fentries tracepoints uprobes usdts'],
    ['action: Set, argIndex: 0, argValue: 1', 'uprobes usdts'],
    ['action: FollowFD, argFd: 0, argName: 1', 'kprobes fentries'],
    ['action: UnfollowFD, argFd: 0, argName: 0', 'kprobes fentries'],
    ['action: CopyFD, argFd: 0, argName: 0', 'kprobes fentries'],
  ]
  const enforcers = 'enforcers: [{calls: [sys_read]}]'
  for (const [text, sections] of possible) {
    for (const section of Object.keys(hooks)) {
      const expected = sections.split(' ').includes(section) ? [] : ['POLICY_ACTION .action']
      const findings = found(text, section, enforcers)
      const relevant = findings.filter((finding) => !finding.startsWith('warning POLICY_IGNORED'))
      assert.deepEqual(relevant, expected, `${text} in ${section}`)
    }
  }
})

test('positions of file descriptors, names and sockets', () => {
  assert.deepEqual(action('action: FollowFD, argFd: 0, argName: 1'), {
    path: 'spec.kprobes[0].selectors[0].matchActions[0]',
    action: 'FollowFD',
    fd: 0,
    name: 1,
  })
  assert.deepEqual(found('action: FollowFD, argFd: 1, argName: 0'), [
    'POLICY_ACTION .argFd',
    'POLICY_ACTION .argName',
  ])
  assert.deepEqual(found('action: FollowFD, argFd: 7, argName: 8'), [
    'POLICY_INDEX .argFd',
    'POLICY_INDEX .argName',
  ])
  assert.deepEqual(found('action: FollowFD'), ['POLICY_MISSING_FIELD .argName'])
  assert.deepEqual(found('action: CopyFD, argFd: 0, argName: 1'), ['POLICY_ACTION .argName'])
  assert.deepEqual(found('action: UnfollowFD'), [])
  assert.deepEqual(found('action: TrackSock, argSock: 1'), ['POLICY_ACTION .argSock'])
})

test('signals', () => {
  const signal = action('action: Signal, argSig: 64')
  assert.equal(signal.action === 'Signal' && signal.signal, 64)
  for (const fields of ['', ', argSig: 0']) {
    assert.deepEqual(found(`action: Signal${fields}`), ['POLICY_MISSING_FIELD .argSig'])
  }
  assert.deepEqual(found('action: Signal, argSig: 65'), ['POLICY_RANGE .argSig'])
})

test('NotifyEnforcer needs an enforcer and an effect', () => {
  const enforcers = 'enforcers: [{calls: [sys_read]}]'
  const notify = action('action: NotifyEnforcer, argSig: 9', 'kprobes', enforcers)
  assert.deepEqual(
    notify.action === 'NotifyEnforcer' ? [notify.error, notify.signal] : undefined,
    [0, 9],
  )
  for (const fields of ['', ', argError: 0, argSig: 0']) {
    const none = found(`action: NotifyEnforcer${fields}`, 'kprobes', enforcers)
    assert.deepEqual(none, ['POLICY_MISSING_FIELD '])
  }
  assert.deepEqual(found('action: NotifyEnforcer, argError: -1'), ['POLICY_ACTION .action'])
})

test('Override: results of functions', () => {
  const override = action('action: Override, argError: -13')
  assert.equal(override.action === 'Override' && override.error, -13)
  assert.deepEqual(found('action: Override'), ['warning POLICY_ACTION '])
  assert.deepEqual(found('action: Override, argError: -1, argRegs: ["rax=1"]'), [
    'POLICY_ACTION .argRegs',
  ])
  // LSM hooks return errors only.
  for (const [written, used] of [
    [1, 0],
    [-5000, -4095],
  ]) {
    const text = `action: Override, argError: ${written}`
    assert.deepEqual(found(text, 'lsmhooks'), ['warning POLICY_RANGE .argError'])
    const clamped = action(text, 'lsmhooks')
    assert.equal(clamped.action === 'Override' && clamped.error, used)
  }
})

test('Override: uprobes in exactly one form', () => {
  const about = (fields: string) => found(`action: Override${fields}`, 'uprobes')
  const good = [
    ', argError: 1',
    ', argNewSymbol: main',
    ', argError: 0, argNewSymbol: "", argNewAddr: 0, argNewOffset: 0',
    ', argNewAddr: 1',
    ', argNewOffset: 18446744073709551615',
    ', argRegs: ["rax=11", "rbp=(%rsp)", "rip=8(%rsp)", "rsp=8%rsp", "rcx=-1", "rdi=0x10"]',
  ]
  for (const fields of good) assert.deepEqual(about(fields), [], fields)
  assert.deepEqual(about(''), ['POLICY_ACTION '])
  assert.deepEqual(about(', argError: 1, argNewSymbol: main'), ['POLICY_ACTION '])
  assert.deepEqual(about(', argRegs: ["rax", "=1", "rax=(rsp)"]'), [
    'POLICY_ACTION .argRegs[0]',
    'POLICY_ACTION .argRegs[1]',
    'POLICY_ACTION .argRegs[2]',
  ])
  assert.deepEqual(about(', argRegs: ["rax=0x10000000000000000", "rdi=1", "rdi=2"]'), [
    'POLICY_ACTION .argRegs[0]',
    'POLICY_ACTION .argRegs[2]',
  ])
  const many = Array.from({ length: 19 }, (_, i) => `"r${i}=1"`)
  assert.deepEqual(about(`, argRegs: [${many}]`), ['POLICY_ACTION .argRegs'])
})

test('Override: assignments to registers', () => {
  const found = action(
    'action: Override, argRegs: ["rax=-11", "rbp=(%rsp)", "rip=-0x8(%rsp)", "rsp=8%rsp"]',
    'uprobes',
  )
  assert.deepEqual(found.action === 'Override' && found.registers, [
    { register: 'rax', from: { kind: 'constant', value: -11n } },
    { register: 'rbp', from: { kind: 'memory', name: 'rsp', offset: 0n } },
    { register: 'rip', from: { kind: 'memory', name: 'rsp', offset: -8n } },
    { register: 'rsp', from: { kind: 'register', name: 'rsp', offset: 8n } },
  ])
})

test('fields of other actions have no effect', () => {
  assert.deepEqual(found('action: Sigkill, argSig: 9, argError: -1, argSock: 0'), [
    'warning POLICY_IGNORED .argSig',
    'warning POLICY_IGNORED .argError',
  ])
  assert.deepEqual(found('action: GetUrl'), ['POLICY_MISSING_FIELD .argUrl'])
  assert.deepEqual(found('action: DnsLookup, argFqdn: ""'), ['POLICY_MISSING_FIELD .argFqdn'])
  assert.deepEqual(found('action: Set, argIndex: 0', 'usdts'), ['POLICY_MISSING_FIELD .argValue'])
})
