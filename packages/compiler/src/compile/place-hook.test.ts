import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { resolveFunctions } from '../checks/resolve-functions.ts'
import type { ProgramKind } from '../hook-plans/kernel-view.ts'
import { RuledOut } from '../plan/choose-backends.ts'
import { describedKernel, documentOf } from '../testing/index.ts'
import { placeHook } from './place-hook.ts'

const functions = { security_file_open: ['file'], vfs_read: ['file', 'count'] }

function place(fields: string, supports: readonly ProgramKind[], more = '') {
  const document = documentOf(`${more}kprobes:\n- syscall: false\n${fields}`)
  const [hook] = document.policy.hooks
  const target = [{ shown: hook.call, symbol: hook.call }]
  const kernel = describedKernel({ functions, supports })
  const { groups, diagnostics, refused } = placeHook(hook, target, document, kernel, new RuledOut())
  return {
    backends: groups.map(({ plan }) => plan?.backend),
    errors: diagnostics.map(({ code, message }) => `${code}: ${message}`),
    refused: refused.map(({ backend, reason }) => `${backend}: ${reason}`),
  }
}

const refusal = '  selectors: [{matchActions: [{action: Override, argError: -1}]}]'

describe('placeHook', () => {
  it('takes the best back end that the kernel has', () => {
    assert.deepEqual(place('  call: vfs_read', ['kprobe', 'fentry']).backends, ['fentry'])
    assert.deepEqual(place('  call: vfs_read', ['kprobe']).backends, ['kprobe'])
  })

  it('lists what it tried if there is none', () => {
    const { backends, errors, refused } = place('  call: vfs_read', [])
    assert.deepEqual(backends, [undefined])
    assert.match(errors.join(), /^POLICY_HOOK: cannot hook vfs_read: fentry: no fentry; /)
    assert.ok(refused.includes('kprobe: no kprobe'))
  })

  it('refuses system calls without their tracepoints in the types of the kernel', () => {
    const document = documentOf('kprobes: [{call: sys_openat, syscall: true}]')
    const [hook] = document.policy.hooks
    const place = (names: readonly string[]) => {
      const tracepoints = Object.fromEntries(names.map((name) => [name, ['regs', 'id']]))
      const kernel = describedKernel({ functions: {}, tracepoints, supports: ['tp_btf'] })
      const { functions } = resolveFunctions(hook, document, kernel)
      return placeHook(hook, functions, document, kernel, new RuledOut())
    }
    assert.match(place([]).diagnostics[0].message, /syscall: no tracepoint sys_enter in the kernel/)
    assert.match(place(['sys_enter']).diagnostics[0].message, /syscall: no tracepoint sys_exit/)
    assert.deepEqual(place(['sys_enter', 'sys_exit']).groups.length, 1)
  })

  it('names the nearest policy if it can observe but not enforce', () => {
    const { errors } = place(`  call: vfs_read\n${refusal}`, ['kprobe'])
    assert.match(errors.join(), /^POLICY_ENFORCEMENT: cannot enforce Override at vfs_read: /)
    assert.match(errors.join(), /with the action Sigkill, which does not undo the operation/)
  })

  it('observes where a policy that monitors cannot enforce', () => {
    const monitors = 'options: [{name: policy-mode, value: monitor}]\n'
    const { backends, errors } = place(`  call: vfs_read\n${refusal}`, ['kprobe'], monitors)
    assert.deepEqual([backends, errors], [['kprobe'], []])
  })

  it('takes a means that can refuse', () => {
    const hook = `  call: security_file_open\n${refusal}`
    const { backends } = place(hook, ['kprobe', 'fentry', 'fmod_ret'])
    assert.deepEqual(backends, ['fmod_ret'])
  })
})
