import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readPolicies } from '../testing/index.ts'
import { policyText } from '../testing/policies.ts'

/** Warnings about a hook with a selector on its first argument. */
function warnings(hook: string, type: string, action = 'Sigkill', index = 1): string[] {
  const text = policyText(`${hook}
  args: [{index: ${index}, type: ${type}}]
  selectors:
  - matchArgs: [{index: ${index}, operator: Equal, values: ["1"]}]
    matchActions: [{action: ${action}}]`)
  const { diagnostics } = readPolicies(text, 'f')
  assert.deepEqual(
    diagnostics.filter(({ severity }) => severity === 'error'),
    [],
  )
  return diagnostics.map(({ code, path, message }) => `${code} ${path}: ${message}`)
}

const path = (section: string) => `POLICY_RACY spec.${section}[0].selectors[0].matchArgs[0]`
const evaded = 'Sigkill can be evaded: another thread can change the argument after the check'

test('enforcing selectors on memory of the process are warnings', () => {
  assert.deepEqual(warnings('kprobes:\n- call: sys_openat', 'string'), [
    `${path('kprobes')}: ${evaded}; hook security_file_open instead`,
  ])
  assert.deepEqual(warnings('kprobes:\n- call: __x64_sys_newfstatat', 'string'), [
    `${path('kprobes')}: ${evaded}`,
  ])
  assert.deepEqual(warnings('kprobes:\n- call: sys_constructor', 'string'), [
    `${path('kprobes')}: ${evaded}`,
  ])
  const tracepoint = 'tracepoints:\n- subsystem: syscalls\n  event: sys_enter_unlinkat'
  assert.deepEqual(warnings(tracepoint, 'string', 'Sigkill', 6), [
    `${path('tracepoints')}: ${evaded}; hook security_path_unlink instead`,
  ])
})

test('members of what a system call points to are in memory of the process', () => {
  const hook = (data: string, expr: string) =>
    readPolicies(
      policyText(`kprobes:
- call: sys_connect
  args: [{index: 1, type: nop, btfType: sockaddr}]
  data: [${data}]
  selectors: [{matchCEL: {expr: '${expr}'}, matchActions: [{action: Sigkill}]}]`),
      'f',
    ).diagnostics.map(({ code }) => code)
  assert.deepEqual(hook('', 'arg0.sa_family == 1'), ['POLICY_RACY'])
  const task = '{source: current_task, resolve: mm, type: uint64}'
  assert.deepEqual(hook(task, 'data0.owner.pid == 1'), [])
})

test('objects of the kernel, numbers and observing selectors are none', () => {
  assert.deepEqual(warnings('kprobes:\n- call: sys_openat', 'string', 'Post'), [])
  assert.deepEqual(warnings('kprobes:\n- call: sys_openat', 'int'), [])
  const open = 'kprobes:\n- call: security_file_open\n  syscall: false'
  assert.deepEqual(warnings(open, 'file', 'Sigkill', 0), [])
})
