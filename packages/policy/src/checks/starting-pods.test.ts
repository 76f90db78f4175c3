import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findingsOf, policyText } from '../testing/policies.ts'

const pods = 'podSelector: {matchLabels: {app: shop}}\n'
const mount = 'lsmhooks:\n- hook: sb_mount'

/** The findings of this check. */
function findings(hook: string, selector: string, scope = pods, kind = 'TracingPolicy'): string[] {
  const all = findingsOf(policyText(`${scope}${hook}\n  selectors:\n  - ${selector}`, kind))
  return all.filter((finding) => finding.includes('POLICY_STARTING_PODS'))
}

const kill = 'matchActions: [{action: Sigkill}]'
const warning = 'warning POLICY_STARTING_PODS spec.lsmhooks[0].selectors[0].matchActions[0]'

test('signals for pods also hit the runtime that starts them', () => {
  assert.deepEqual(findings(mount, kill), [warning])
  assert.deepEqual(findings(mount, 'matchActions: [{action: Signal, argSig: 9}]'), [warning])
  const images = 'containerSelector: {matchLabels: {repo: nginx}}\n'
  assert.deepEqual(findings(mount, kill, images), [warning])
  assert.deepEqual(findings(mount, kill, '', 'TracingPolicyNamespaced'), [warning])
})

test('not on hosts, of chosen processes, at the start of programs, and without signals', () => {
  assert.deepEqual(findings(mount, kill, ''), [])
  assert.deepEqual(findings(mount, kill, 'hostSelector: {}\n'), [])
  const shell = 'matchBinaries: [{operator: In, values: [/bin/sh]}]'
  assert.deepEqual(findings(mount, `${shell}\n    ${kill}`), [])
  const few = 'matchCapabilities: [{type: Permitted, operator: NotIn, values: [CAP_SYS_MODULE]}]'
  assert.deepEqual(findings(mount, `${few}\n    ${kill}`), [])
  for (const hook of [
    'lsmhooks:\n- hook: bprm_check_security',
    'kprobes:\n- call: security_bprm_check\n  syscall: false',
    'kprobes:\n- call: sys_execve\n  syscall: true',
    'tracepoints:\n- subsystem: syscalls\n  event: sys_enter_execveat',
  ]) {
    assert.deepEqual(findings(hook, kill), [], hook)
  }
  assert.deepEqual(findings(mount, 'matchActions: [{action: Override, argError: -1}]'), [])
})
