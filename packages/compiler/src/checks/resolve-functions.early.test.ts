import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Btf } from '@tetragon-ts/ebpf/btf'
import { readPolicies } from '@tetragon-ts/policy'
import { compilePolicy, runningKernel } from '../testing/index.ts'

const btf = Btf.open()
const kernel = runningKernel(btf)

/** Diagnostics of a policy on this kernel. */
function check(spec: string) {
  const text = `
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: checked}
spec:
${spec}`
  const { documents, diagnostics } = readPolicies(text, 'checked.yaml')
  assert.deepEqual(diagnostics, [])
  let id = 1
  const numbers = { policyId: 1, nextHookId: () => id++, workloads: () => 0 }
  return compilePolicy(documents[0], kernel, numbers)
}

function only(spec: string) {
  const { diagnostics, compiled } = check(spec)
  assert.equal(compiled, undefined)
  assert.equal(diagnostics.length, 1, JSON.stringify(diagnostics))
  return diagnostics[0]
}

describe('names that this kernel does not have', () => {
  it('suggest the nearest function, system call, tracepoint, LSM hook', () => {
    const name = only('  kprobes: [{call: tcp_conect, syscall: false}]')
    assert.deepEqual(
      [name.code, name.path, name.suggestion],
      ['POLICY_FUNCTION', 'spec.kprobes[0].call', 'tcp_connect'],
    )
    const call = only('  kprobes: [{call: sys_opnat, syscall: true}]')
    assert.equal(call.suggestion, 'sys_openat')
    const hook = only('  lsmhooks: [{hook: file_opem}]')
    assert.deepEqual([hook.path, hook.suggestion], ['spec.lsmhooks[0].hook', 'file_open'])
    const event = only('  tracepoints: [{subsystem: sched, event: sched_proces_exec}]')
    assert.deepEqual(
      [event.path, event.suggestion],
      ['spec.tracepoints[0].event', 'sched_process_exec'],
    )
    const group = only('  tracepoints: [{subsystem: scched, event: sched_process_exec}]')
    assert.equal(group.suggestion, 'sched')
  })

  it('are omitted if the policy says so, and noted', () => {
    const { compiled } = check(
      '  kprobes: [{call: tcp_conect, syscall: false, ignore: {callNotFound: true}}]',
    )
    assert.deepEqual(compiled?.hooks, [])
    assert.deepEqual(
      compiled?.notFound.map(({ name }) => name),
      ['tcp_conect'],
    )
  })

  it('are found in lists, one by one', () => {
    const { diagnostics } = check(`
  lists: [{name: mine, values: [tcp_conect, tcp_close, tcp_sendmgs]}]
  kprobes: [{call: "list:mine", syscall: false}]`)
    assert.deepEqual(
      diagnostics.map(({ suggestion }) => suggestion),
      ['tcp_connect', 'tcp_sendmsg'],
    )
  })
})

describe('fields of tracepoints', () => {
  it('that do not exist are an error with the existing ones', () => {
    const { code, message } = only(
      '  tracepoints: [{subsystem: sched, event: sched_process_exec, args: [{index: 40}]}]',
    )
    assert.equal(code, 'POLICY_INDEX')
    assert.match(message, /^no field 40: .* 4 filename, 5 pid, 6 old_pid$/)
  })

  it('are compared with values of their own type', () => {
    const { message } = only(`
  tracepoints:
  - subsystem: sched
    event: sched_process_exec
    args: [{index: 5}]
    selectors: [{matchArgs: [{index: 5, operator: Equal, values: ["/bin/sh"]}]}]`)
    assert.match(message, /invalid number .* \(the argument is of type sint32\)/)
  })
})

it('the result of a void function is a warning', () => {
  const { diagnostics } = check(
    '  kprobes: [{call: fd_install, syscall: false, return: true, returnArg: {index: 0, type: int}}]',
  )
  const warning = diagnostics.find(({ severity }) => severity === 'warning')
  assert.equal(warning?.message, 'fd_install returns nothing')
})

describe('functions that never return, if selectors need the result', () => {
  const asking = '{matchReturnArgs: [{index: 0, operator: Equal, values: ["0"]}]}'
  const hook = (call: string, selectors: string, lists = '') => `${lists}
  kprobes:
  - call: ${call}
    syscall: true
    return: true
    returnArg: {index: 0, type: int}
    args: [{index: 0, type: int}]
    selectors: [${selectors}]`
  const list = '  lists: [{name: some, type: syscalls, values: [sys_exit_group, sys_close]}]'

  it('are an error if no other function is left, or other selectors do not need it', () => {
    const alone = only(hook('sys_exit_group', asking))
    const path = 'spec.kprobes[0].selectors[0].matchReturnArgs[0]'
    assert.deepEqual([alone.code, alone.path], ['POLICY_RETURN', path])
    assert.match(alone.message, /exit_group never returns: .* has no other function$/)
    const mixed = only(hook('list:some', `${asking}, {}`, list))
    assert.match(mixed.message, /give it a hook without matchReturnArgs$/)
  })

  it('are omitted from a list, with a warning', () => {
    const { compiled, diagnostics } = check(hook('list:some', asking, list))
    assert.deepEqual(
      diagnostics.map(({ severity }) => severity),
      ['warning'],
    )
    assert.match(diagnostics[0].message, /exit_group never returns: .* it is omitted$/)
    const names = compiled?.hooks.flatMap(({ functions }) => functions.map(({ shown }) => shown))
    assert.deepEqual(
      names?.map((name) => name.replace(/^__\w+_sys_/, 'sys_')),
      ['sys_close'],
    )
  })
})
