import assert from 'node:assert/strict'
import { test } from 'node:test'
import { byKernel } from '../hook/refusal.ts'
import type { HookTarget, TargetFunction } from '../hook-plans/hook-target.ts'
import type { KernelView, ProgramKind } from '../hook-plans/kernel-view.ts'
import { describedKernel, policyOf } from '../testing/index.ts'
import { chooseBackends, hookInputs, type ParameterRead, RuledOut } from './choose-backends.ts'

const kinds: readonly ProgramKind[] = [
  ...(['fentry', 'kprobe', 'kprobe_multi', 'lsm', 'tp_btf'] as const),
  ...(['tracepoint', 'raw_tp', 'sock_ops', 'cgroup_sock'] as const),
]

/** Where equivalents of its functions are. */
const tracepoints = ['sys_enter', 'sys_exit', 'inet_sock_set_state', 'tcp_destroy_sock']

/** A kernel with these functions, each with three parameters, that refuses some program types. */
function kernel(functions: readonly string[], refused: readonly ProgramKind[] = []): KernelView {
  const parameters = ['p0', 'p1', 'p2']
  return describedKernel({
    functions: Object.fromEntries(functions.map((name) => [name, parameters])),
    tracepoints: Object.fromEntries(tracepoints.map((name) => [name, parameters])),
    supports: kinds.filter((kind) => !refused.includes(kind)),
  })
}

function target(functions: readonly TargetFunction[], more: Partial<HookTarget> = {}): HookTarget {
  return {
    section: 'kprobes',
    functions,
    syscall: false,
    raw: false,
    returns: false,
    exact: false,
    single: false,
    sleepable: false,
    isNamespaced: false,
    enforces: [],
    aboutProcess: [],
    selectsWorkloads: false,
    readsUserMemory: false,
    ...more,
  }
}

const named = (...names: string[]): TargetFunction[] =>
  names.map((symbol) => ({ shown: symbol, symbol }))
const wanted = { path: 'spec.kprobes[0]', reads: [{ index: 0 }], registers: false }

interface Inputs {
  readonly reads: readonly ParameterRead[]
  readonly ruledOut: RuledOut
}

function choose(
  hook: HookTarget,
  view: KernelView,
  { reads = wanted.reads, ruledOut = new RuledOut() }: Partial<Inputs> = {},
) {
  return chooseBackends(hook, { ...wanted, reads }, view, ruledOut)
}

/** Back end and functions of each group. */
function summary(chosen: ReturnType<typeof choose>): string[] {
  return chosen.map(
    ({ plan, functions }) =>
      `${plan?.backend ?? 'none'}: ${functions.map(({ shown }) => shown).join()}`,
  )
}

test('chooses the best back end, with the reasons against better ones', () => {
  const [fentry] = choose(target(named('vfs_read')), kernel(['vfs_read']))
  assert.equal(fentry.plan?.backend, 'fentry')
  assert.deepEqual(fentry.attempts, [])
  const [kprobe] = choose(
    target(named('vfs_read'), { single: true }),
    kernel(['vfs_read'], ['fentry']),
  )
  assert.equal(kprobe.plan?.backend, 'kprobe')
  assert.deepEqual(kprobe.attempts, [
    { backend: 'fentry', by: 'kernel', reason: 'no fentry' },
    {
      backend: 'kprobe.multi',
      by: 'policy',
      reason: 'the policy forbids it (option disable-kprobe-multi)',
    },
  ])
})

test('continues with the next back end if the kernel refused one', () => {
  const ruledOut = new RuledOut()
  const view = kernel(['vfs_read'])
  const refused = { ...byKernel('EINVAL'), atLoad: true } as const
  assert.equal(ruledOut.add('fentry', wanted.path, 'vfs_read', refused), true)
  assert.equal(ruledOut.add('fentry', wanted.path, 'vfs_read', refused), false)
  const [chosen] = choose(target(named('vfs_read')), view, { ruledOut })
  assert.equal(chosen.plan?.backend, 'kprobe.multi')
  assert.deepEqual(chosen.attempts, [{ backend: 'fentry', ...refused }])
})

test('a list shares programs if possible, and is split if necessary', () => {
  const names = Array.from({ length: 9 }, (_, i) => `function_${i}`)
  const view = kernel(names)
  assert.deepEqual(summary(choose(target(named(...names)), view)), [
    `kprobe.multi: ${names.join()}`,
  ])
  const ruledOut = new RuledOut()
  ruledOut.add('kprobe.multi', wanted.path, 'function_3', byKernel('notrace'))
  const rest = names.filter((name) => name !== 'function_3')
  assert.deepEqual(summary(choose(target(named(...names)), view, { ruledOut })), [
    `kprobe.multi: ${rest.join()}`,
    'fentry: function_3',
  ])
})

test('a long list of system calls shares a program without kprobe.multi too', () => {
  const calls = Array.from({ length: 9 }, (_, number): TargetFunction => {
    const symbol = `__x64_sys_call${number}`
    return { shown: symbol, symbol, syscall: { abi: 'x64', number } }
  })
  const view = kernel(
    calls.map(({ symbol }) => symbol),
    ['kprobe_multi'],
  )
  const chosen = choose(target(calls, { syscall: true }), view)
  assert.deepEqual(
    chosen.map(({ plan, functions }) => [plan?.backend, functions.length]),
    [['syscall', 9]],
  )
})

test('an equivalent is for one function, and only for available arguments', () => {
  const refused: ProgramKind[] = ['fentry', 'kprobe', 'kprobe_multi']
  const view = kernel([], refused)
  const both = target(named('tcp_connect', 'tcp_close'))
  assert.deepEqual(summary(choose(both, view)), [
    'equivalent: tcp_connect',
    'equivalent: tcp_close',
  ])
  const [unknown] = choose(target(named('tcp_close')), view, {
    reads: [{ index: 0 }, { index: 1 }],
  })
  assert.equal(unknown.plan, undefined)
  assert.match(unknown.attempts.at(-1)?.reason ?? '', /argument 1 of tcp_close is unavailable/)
  const [returning] = choose(target(named('tcp_close'), { returns: true }), view)
  assert.match(returning.attempts.at(-1)?.reason ?? '', /the return of tcp_close is unavailable/)
  const [exact] = choose(target(named('tcp_close'), { exact: true }), view)
  assert.match(exact.attempts.at(-1)?.reason ?? '', /exact-hooks/)
})

test('an LSM hook is attached at its caller if LSM programs are unavailable', () => {
  const hook = target([{ shown: 'file_open', symbol: 'bpf_lsm_file_open' }], {
    section: 'lsmhooks',
  })
  const functions = ['bpf_lsm_file_open', 'security_file_open']
  assert.equal(choose(hook, kernel(functions))[0].plan?.backend, 'lsm')
  const [caller] = choose(hook, kernel(functions, ['lsm']))
  assert.equal(caller.plan?.backend, 'fentry at the caller')
  assert.match(caller.plan?.difference ?? '', /security_file_open/)
})

test('the return of a call that never returns is not awaited', () => {
  const exit: TargetFunction = {
    shown: '__x64_sys_exit_group',
    symbol: '__x64_sys_exit_group',
    syscall: { abi: 'x64', number: 231 },
  }
  const hook = target([exit], { syscall: true, returns: true })
  const [chosen] = choose(hook, kernel(['__x64_sys_exit_group']))
  assert.deepEqual(chosen.plan?.leave, [])
})

test('a hook requires its parameters, the members that it follows first, and lengths', () => {
  const inputsOf = (fields: string) =>
    hookInputs(policyOf(`kprobes:\n- call: f\n  syscall: false\n  ${fields}`).hooks[0])
  assert.deepEqual(inputsOf('args: [{index: 2, type: int}]'), {
    path: 'spec.kprobes[0]',
    registers: false,
    reads: [{ index: 2, member: undefined }],
  })
  assert.deepEqual(inputsOf('args: [{index: 0, type: int, resolve: a.b}]').reads, [
    { index: 0, member: 'a' },
  ])
  assert.deepEqual(inputsOf('args: [{index: 1, type: char_buf, sizeArgIndex: 3}]').reads, [
    { index: 1, member: undefined },
    { index: 2 },
  ])
  assert.equal(
    inputsOf('data: [{index: 0, source: pt_regs, type: int64, resolve: ip}]').registers,
    true,
  )
})
