import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readPolicies } from '../testing/index.ts'
import { policyText } from '../testing/policies.ts'

const sigkill = 'selectors: [{matchActions: [{action: Sigkill}]}]'

/** Warnings about the reach of a policy. */
function warnings(spec: string, kind?: string): string[] {
  const { diagnostics } = readPolicies(policyText(spec, kind), 'f')
  assert.deepEqual(
    diagnostics.filter(({ severity }) => severity === 'error'),
    [],
  )
  const ofReach = diagnostics.filter(({ code }) => code === 'POLICY_REACH')
  return ofReach.map(({ path, message }) => `${path}: ${message}`)
}

const kprobe = (call: string, selectors = sigkill, syscall = false) =>
  `kprobes: [{call: "${call}", syscall: ${syscall}, ${selectors}}]`
const action = (section: string) => `spec.${section}[0].selectors[0].matchActions[0].action`
const none = 'Sigkill has no condition: it acts on'

test('an enforcing action without conditions is a warning that names its reach', () => {
  const program = 'path: /bin/sh, symbols: [f, g]'
  const probe = 'path: /bin/sh, provider: p, name: n'
  const list = 'lists: [{name: a, values: [vfs_open]}]'
  const override = 'selectors: [{matchActions: [{action: Override, argError: -1}]}]'
  const reaches: readonly (readonly [spec: string, section: string, reach: string])[] = [
    [kprobe('security_bprm_check'), 'kprobes', 'every program that starts'],
    [kprobe('sys_execve', sigkill, true), 'kprobes', 'every program that starts'],
    [kprobe('sys_openat', sigkill, true), 'kprobes', 'every process that calls sys_openat'],
    [kprobe('vfs_open'), 'kprobes', 'every process that calls vfs_open'],
    [`fentries: [{call: vfs_open, ${sigkill}}]`, 'fentries', 'every process that calls vfs_open'],
    [`${list}\n${kprobe('list:a')}`, 'kprobes', 'every process that calls a function of list:a'],
    [
      `tracepoints: [{subsystem: raw_syscalls, event: sys_enter, ${sigkill}}]`,
      'tracepoints',
      'every process that makes a system call',
    ],
    [
      `tracepoints: [{subsystem: sched, event: sched_process_exec, ${sigkill}}]`,
      'tracepoints',
      'every program that starts',
    ],
    [
      `tracepoints: [{subsystem: sock, event: inet_sock_set_state, ${sigkill}}]`,
      'tracepoints',
      'every process that hits sock/inet_sock_set_state',
    ],
    [`uprobes: [{${program}, ${sigkill}}]`, 'uprobes', 'every call of f, g in /bin/sh'],
    [`usdts: [{${probe}, ${sigkill}}]`, 'usdts', 'every process that hits p/n in /bin/sh'],
  ]
  for (const [spec, section, reach] of reaches) {
    assert.deepEqual(warnings(spec), [`${action(section)}: ${none} ${reach}`], spec)
  }
  assert.deepEqual(warnings(`lsmhooks: [{hook: bprm_check_security, ${override}}]`), [
    `${action('lsmhooks')}: Override has no condition: it acts on every program that starts`,
  ])
})

test('the namespace of a policy is part of its reach', () => {
  const reach = 'every program that starts in a pod of its namespace'
  assert.deepEqual(warnings(kprobe('security_bprm_check'), 'TracingPolicyNamespaced'), [
    `${action('kprobes')}: ${none} ${reach}`,
  ])
})

test('conditions, a selection of workloads and actions that only observe are none', () => {
  const pids = 'matchPIDs: [{operator: In, values: [1]}]'
  assert.deepEqual(
    [
      kprobe('vfs_open', `selectors: [{${pids}, matchActions: [{action: Sigkill}]}]`),
      // A list of exceptions.
      kprobe('vfs_open', `selectors: [{${pids}}, {matchActions: [{action: Sigkill}]}]`),
      kprobe('vfs_open', sigkill.replace('[{', '[{matchWorkloads: {podSelector: {}}, ')),
      `podSelector: {matchLabels: {a: b}}\n${kprobe('vfs_open')}`,
      `containerSelector: {matchLabels: {name: a}}\n${kprobe('vfs_open')}`,
      `hostSelector: {}\n${kprobe('vfs_open')}`,
      kprobe('vfs_open', 'selectors: [{matchActions: [{action: NoPost}]}]'),
      kprobe('vfs_open', 'selectors: []'),
    ].flatMap((spec) => warnings(spec)),
    [],
  )
})
