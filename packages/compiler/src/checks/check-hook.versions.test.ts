import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Btf } from '@tetragon-ts/ebpf/btf'
import { readPolicies } from '@tetragon-ts/policy'
import type { KernelView } from '../hook-plans/kernel-view.ts'
import { checkArguments } from './check-hook.ts'

const kernel = { btf: Btf.open() } as KernelView

/** Diagnostics of a hook of this section, as `severity path: message`. */
function check(section: string) {
  const text = `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: test}
spec:
${section.replace(/^\n/, '').replace(/\s*$/, '\n')}`
  const { documents, diagnostics } = readPolicies(text, 'test.yaml')
  assert.deepEqual(diagnostics, [])
  const [document] = documents
  return document.policy.hooks.flatMap((hook) => checkArguments(hook, document, kernel))
}

const functionHook = (call: string, args: string): string => `
  kprobes:
  - call: ${call}
    syscall: false
    args: [${args}]`

const execHook = (argument: string): string => `
  tracepoints:
  - subsystem: sched
    event: sched_process_exec
    raw: true
    args: [{index: 2, ${argument}}]`

describe('the check of arguments against the kernel', () => {
  it('reports nothing about valid arguments', () => {
    assert.deepEqual(check(functionHook('vfs_getattr', '{index: 0, type: path}')), [])
    assert.deepEqual(
      check(functionHook('tcp_close', '{index: 0, type: sock}, {index: 1, type: int64}')),
      [],
    )
    assert.deepEqual(check(execHook('type: file, resolve: file')), [])
    assert.deepEqual(check(execHook('type: string, resolve: file.f_path.dentry.d_name.name')), [])
  })

  it('refuses more values than a record has bits for', () => {
    const data = (count: number): string => `
  kprobes:
  - call: sys_close
    syscall: true
    data: [${Array(count).fill('{type: string, source: current_task, resolve: comm}').join()}]`
    assert.deepEqual(check(data(64)), [])
    assert.match(check(data(65))[0].message, /^the hook has 65 values; the maximum is 64$/)
  })

  it('shows the prototype when an argument is beyond it', () => {
    const [wrong, ...others] = check(functionHook('tcp_close', '{index: 2, type: int}'))
    assert.deepEqual(others, [])
    assert.equal(wrong.severity, 'error')
    assert.equal(wrong.path, 'spec.kprobes[0].args[0].index')
    assert.match(
      wrong.message,
      /^no argument 2: it is tcp_close\(struct sock \*sk, long (int )?timeout\)$/,
    )
    const [call] = check(`
  kprobes:
  - call: sys_close
    syscall: true
    args: [{index: 1, type: int}]`)
    assert.equal(call.message, 'no argument 1: it is sys_close(unsigned int fd)')
    const [size] = check(functionHook('tcp_close', '{index: 0, type: char_buf, sizeArgIndex: 3}'))
    assert.equal(size.path, 'spec.kprobes[0].args[0].sizeArgIndex')
  })

  it('warns of a type that does not fit', () => {
    const warn = (call: string, args: string) =>
      check(functionHook(call, args)).map(({ severity, path, message }) => [
        severity,
        path,
        message,
      ])
    assert.deepEqual(warn('tcp_close', '{index: 0, type: file}'), [
      [
        'warning',
        'spec.kprobes[0].args[0].type',
        'argument 0 of tcp_close is struct sock *, but file is read from a struct file',
      ],
    ])
    assert.equal(warn('tcp_close', '{index: 0, type: int}').length, 1)
    assert.equal(warn('tcp_close', '{index: 0, type: uint64}').length, 0)
  })

  it('warns of system calls as far as their parameters have types', () => {
    const read = (type: string, index: number) =>
      check(`
  kprobes:
  - call: sys_read
    syscall: true
    args: [{index: ${index}, type: ${type}}]`).map(({ message }) => message)
    assert.deepEqual(read('fd', 0), [])
    assert.deepEqual(read('char_buf', 1), [])
    assert.deepEqual(read('uint64', 1), [])
    assert.match(read('int', 1)[0], /^argument 1 of sys_read is char \*, but int is read from/)
    assert.match(read('string', 0)[0], /^argument 0 of sys_read is unsigned int, but string/)
    assert.match(read('file', 1)[0], /but file is read from a struct file$/)
  })

  it('finds missing members and suggests the nearest', () => {
    const [wrong] = check(execHook('type: file, resolve: fil'))
    assert.equal(wrong.severity, 'error')
    assert.equal(wrong.path, 'spec.tracepoints[0].args[0].resolve')
    assert.equal(wrong.message, 'struct linux_binprm has no member fil')
    assert.equal(wrong.suggestion, 'file')
    const message = (argument: string) => check(execHook(argument))[0]?.message
    assert.match(
      message('type: int, resolve: file.f_path.dentri') ?? '',
      /^struct path has no member/,
    )
    assert.match(message('type: int, resolve: argc.x') ?? '', /^int has no members/)
    assert.match(message('type: int, resolve: "buf[100000]"') ?? '', /is beyond the \d+ elements/)
    assert.match(message('type: int, resolve: "argc[1]"') ?? '', /^int has no elements/)
  })

  it('refuses a last member that the type cannot be read from', () => {
    const [wrong] = check(execHook('type: sock, resolve: file'))
    assert.equal(wrong.severity, 'error')
    assert.equal(wrong.message, 'file is struct file *, but sock is read from a struct sock')
    assert.equal(check(execHook('type: file, resolve: argc')).length, 1)
    assert.equal(check(execHook('type: int, resolve: buf')).length, 1)
    assert.equal(check(execHook('type: uint64, resolve: file')).length, 0)
  })

  it('requires types from the policy', () => {
    const connect = (argument: string) =>
      check(`
  kprobes:
  - call: sys_connect
    syscall: true
    args: [{index: 1, type: uint16, ${argument}}]`)
    assert.deepEqual(connect('btfType: sockaddr, resolve: sa_family'), [])
    assert.match(connect('resolve: sa_family')[0].message, /set btfType/)
    assert.match(connect('btfType: no_such, resolve: sa_family')[0].message, /no structure no_such/)
    const module = connect('btfType: no_such, btfTypeModule: no_such_module, resolve: a')
    assert.match(module[0].message, /^the types of module no_such_module cannot be read/)
  })

  it('knows registers', () => {
    const registers = (name: string) =>
      check(`
  kprobes:
  - call: tcp_close
    syscall: false
    data: [{source: pt_regs, resolve: ${name}, type: uint64}]`)
    assert.deepEqual(registers(process.arch === 'arm64' ? 'x0' : 'rdi'), [])
    assert.equal(registers('rdj')[0].path, 'spec.kprobes[0].data[0].resolve')
  })

  it('refuses to test at the entry what is read at the return', () => {
    const [wrong] = check(`
  kprobes:
  - call: sys_read
    syscall: true
    args: [{index: 1, type: char_buf, returnCopy: true}]
    selectors:
    - matchArgs: [{index: 1, operator: Equal, values: [a]}]`)
    assert.equal(wrong.path, 'spec.kprobes[0].selectors[0].matchArgs[0]')
  })
})
