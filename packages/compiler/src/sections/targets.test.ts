import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Hook, NamedList } from '@tetragon-ts/policy'
import type { KernelView } from '../hook-plans/kernel-view.ts'
import { describedKernel } from '../testing/index.ts'
import { sectionOf } from './index.ts'

// The following tests use x86 names.
const options = { skip: process.arch !== 'x64' }

const names = ['__x64_sys_read', '__ia32_sys_read', '__ia32_compat_sys_execve', 'vfs_read']
const kernel = describedKernel({
  functions: Object.fromEntries(names.map((name) => [name, []])),
  supports: [],
})

function functions(hook: Partial<Hook>, list?: Partial<NamedList>) {
  const full = { section: 'kprobes', syscall: false, call: '', ...hook } as Hook
  return sectionOf(full).targets(full, list as NamedList | undefined, kernel)
}

test('a system call has a prefix, a symbol and a number', options, () => {
  assert.deepEqual(functions({ call: 'sys_read', syscall: true }), [
    { shown: '__x64_sys_read', symbol: '__x64_sys_read', syscall: { abi: 'x64', number: 0 } },
  ])
  assert.deepEqual(functions({ call: '__x64_sys_read', syscall: true }), [
    { shown: '__x64_sys_read', symbol: '__x64_sys_read', syscall: { abi: 'x64', number: 0 } },
  ])
})

test('calls of 32-bit programs have their own names and numbers', options, () => {
  const values = ['i386/sys_read', 'i386/sys_execve']
  assert.deepEqual(functions({ syscall: true, list: 'l' }, { type: 'syscalls', values }), [
    { shown: '__ia32_sys_read', symbol: '__ia32_sys_read', syscall: { abi: 'i386', number: 3 } },
    {
      shown: '__ia32_sys_execve',
      symbol: '__ia32_compat_sys_execve',
      syscall: { abi: 'i386', number: 11 },
    },
  ])
})

test(
  'functions of 32-bit calls with two widths of ids have the numbers that lead to them',
  options,
  () => {
    const number = (call: string) => functions({ call, syscall: true })[0].syscall?.number
    assert.equal(number('__ia32_sys_setuid'), 213)
    assert.equal(number('__ia32_sys_setuid16'), 23)
    assert.equal(number('__ia32_sys_setresuid'), 208)
    assert.equal(number('__ia32_sys_read'), 3)
  },
)

test('lists are used as they are, or generated from the kernel', options, () => {
  const names = (list: Partial<NamedList>, syscall = false) =>
    functions({ syscall, list: 'l' }, list).map(({ symbol }) => symbol)
  assert.deepEqual(names({ type: 'functions', values: ['b', 'a', 'b'] }), ['b', 'a'])
  assert.deepEqual(names({ type: 'generated_syscalls', values: [] }, true), ['__x64_sys_read'])
  assert.deepEqual(names({ type: 'generated_ftrace', values: [], pattern: '^vfs_' }), ['vfs_read'])
})

test('LSM hooks and tracepoints', () => {
  assert.deepEqual(functions({ section: 'lsmhooks', call: 'file_open' }), [
    { shown: 'file_open', symbol: 'bpf_lsm_file_open' },
  ])
  assert.deepEqual(functions({ section: 'tracepoints', call: 'sched/sched_switch' }), [
    { shown: 'sched/sched_switch', symbol: 'sched_switch' },
  ])
})

test('symbols are asked for only where the types of the kernel do not answer', options, () => {
  const noSymbols = (): never => assert.fail('asked for a symbol')
  const typed: KernelView = { ...kernel, hasSymbol: noSymbols }
  const needs = (hook: Partial<Hook>, view = typed, list?: Partial<NamedList>) => {
    const full = { section: 'kprobes', syscall: false, call: '', ...hook } as Hook
    const { targets, exists, needsSymbols } = sectionOf(full)
    const needed = needsSymbols?.(full, list as NamedList | undefined, view)
    if (needed) return true
    const [target] = targets(full, list as NamedList | undefined, view)
    assert.ok(exists(target, full, view))
    return needed
  }
  assert.equal(needs({ call: 'vfs_read' }), false)
  assert.equal(needs({ call: 'sys_read', syscall: true }), false)
  assert.equal(needs({ list: 'l' }, typed, { type: 'functions', values: ['vfs_read'] }), false)
  assert.equal(needs({ call: 'vfs_write' }), true)
  // The call may have either of two functions.
  assert.equal(needs({ call: 'i386/sys_read', syscall: true }), true)
  const generated = { type: 'generated_ftrace', values: [], pattern: '^vfs_' } as const
  assert.equal(needs({ list: 'l' }, typed, generated), true)
  // The back end of kprobes attaches by symbol.
  const supports = (kind: string) => (kind === 'kprobe' ? undefined : kernel.refuses('kprobe'))
  assert.equal(needs({ call: 'vfs_read' }, { ...typed, refuses: supports }), true)
})
