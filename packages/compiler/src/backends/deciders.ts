import { fmodRet, type Hook, overridableKprobe } from '@tetragon-ts/ebpf/lang'
import { byKernel, byPolicy, isRefusal, type Refusal } from '../hook/refusal.ts'
import type { Backend } from '../hook-plans/backend.ts'
import type { HookPlan, Weakness } from '../hook-plans/hook-plan.ts'
import { type HookTarget, isFunction } from '../hook-plans/hook-target.ts'
import type { KernelView } from '../hook-plans/kernel-view.ts'
import { fentryBackend } from './fentry.ts'
import { kprobeBackend } from './kprobe.ts'
import { hookOf, lsmBackend, planCaller } from './lsm.ts'
import { bySocket } from './packet-subject.ts'

// Back ends whose programs decide: their result takes the place of the function's.

/** LSM programs: at LSM hooks, and for the functions `security_…` that call them. */
export const lsmDecider: Backend = {
  name: 'lsm',
  alone: true,
  plan(target, kernel) {
    if (target.method) return byPolicy(`the policy requires ${target.method}`)
    if (target.section === 'lsmhooks') return decidingHook(target, kernel)
    const [{ shown, symbol }] = target.functions
    if (target.exact) {
      return byPolicy('the policy requires the function itself (option exact-hooks)')
    }
    const hook = hookOf(symbol, kernel)
    if (hook === undefined) return byPolicy(`${shown} is no function of an LSM hook`)
    const functions = [{ shown: hook, symbol: `bpf_lsm_${hook}` }]
    const plan = decidingHook({ ...target, section: 'lsmhooks', functions }, kernel)
    if (isRefusal(plan)) return plan
    const difference = `as the LSM hook ${hook}: what another module refuses before is not seen`
    return { ...plan, difference, functionNames: [shown] }
  },
}

function decidingHook(target: HookTarget, kernel: KernelView): HookPlan | Refusal {
  const plan = lsmBackend.plan(target, kernel)
  if (isRefusal(plan)) return plan
  const [{ shown, symbol }] = target.functions
  return returnsNumber(symbol, kernel)
    ? bySocket({ ...plan, plannedFor: 'lsm', resultDecides: true }, target, kernel)
    : byKernel(`the LSM hook ${shown} returns no error`)
}

/** Why fmod_ret is weak on a kernel with preemption. */
const skippedInTrampolines: Weakness = {
  short: 'can be skipped',
  text: 'this kernel skips it while a preempted task is in it on the same CPU',
}
/** Why breakpoints are weak there. */
const skippedInMaps: Weakness = {
  short: 'can be skipped',
  text: 'this kernel skips it while a task of the CPU is preempted in an operation on a BPF map',
}

/** Why a means cannot be used that the policy does not name; undefined if it can. */
function refusal(
  kind: 'fmod_ret' | 'override_return',
  weakness: Weakness,
  { method }: HookTarget,
  kernel: KernelView,
): Refusal | undefined {
  const own = kind === 'fmod_ret' ? 'fmod-ret' : 'override-return'
  if (method !== undefined && method !== own) return byPolicy(`the policy requires ${method}`)
  const refused = kernel.refuses(kind)
  if (refused) return refused
  if (!kernel.preemptsPrograms || method === own) return undefined
  return byKernel(`${weakness.text}; to permit that, set override-method to ${own}`)
}

/**
 * Functions whose callers only compare the result with 0 and return it to user space (net/socket.c,
 * 5.7 to 7). Other callers take a positive result for success, a length or even a pointer.
 */
const refusingPositive: ReadonlySet<string> = new Set([
  ...['security_socket_bind', 'security_socket_connect', 'security_socket_listen'],
  ...['security_socket_getsockname', 'security_socket_getpeername'],
  ...['security_socket_setsockopt', 'security_socket_getsockopt', 'security_socket_shutdown'],
])

/** A plan whose programs at the entry decide. */
function deciding(
  plan: HookPlan,
  kind: 'fmod_ret' | 'override_return',
  why: string,
  hook: Hook,
  weakness: Weakness | false,
): HookPlan {
  return {
    ...plan,
    backend: kind,
    why,
    plannedFor: kind,
    resultDecides: true,
    ...(weakness && { weakness }),
    enter: plan.enter.map((placement) => ({ ...placement, hook })),
    // A decision cannot wait for the return.
    late: [],
    parametersAtReturn: false,
  }
}

/**
 * Trampolines that replace the result of a function (BPF_MODIFY_RETURN, Linux 5.7): `security_…`,
 * and where the kernel has function error injection those that allow it.
 */
export const fmodRetDecider: Backend = {
  name: 'fmod_ret',
  alone: true,
  plan(target, kernel) {
    if (target.section === 'lsmhooks') return planCaller(fmodRetDecider, target, kernel)
    if (!isFunction(target)) return byPolicy('only for functions')
    const [{ shown, symbol }] = target.functions
    const refused = refusal('fmod_ret', skippedInTrampolines, target, kernel)
    if (refused) return refused
    if (!symbol.startsWith('security_') && !kernel.hasSymbol('within_error_injection_list')) {
      const reason = 'without function error injection the kernel allows only security_…'
      return byKernel(`${reason}, not ${shown}`)
    }
    if (!returnsNumber(symbol, kernel)) return byKernel(`${shown} returns no error`)
    const plan = fentryBackend.plan(target, kernel)
    if (isRefusal(plan)) return plan
    const why = 'its result takes the place of that of the function'
    const weakness = kernel.preemptsPrograms && skippedInTrampolines
    const decider = deciding(plan, 'fmod_ret', why, fmodRet(symbol), weakness)
    const refusesPositive = refusingPositive.has(symbol)
    return bySocket({ ...decider, refusesPositive }, target, kernel)
  },
}

/**
 * Breakpoints that return to the caller of the function immediately (bpf_override_return, Linux
 * 4.16), in kernels with function error injection for kprobes.
 */
export const overrideReturnDecider: Backend = {
  name: 'override_return',
  alone: true,
  plan(target, kernel) {
    const [{ symbol }] = target.functions
    const refused = refusal('override_return', skippedInMaps, target, kernel)
    if (refused) return refused
    const plan = kprobeBackend.plan(target, kernel)
    if (isRefusal(plan)) return plan
    const why = 'a breakpoint that returns to the caller'
    const weakness = kernel.preemptsPrograms && skippedInMaps
    return deciding(plan, 'override_return', why, overridableKprobe(symbol), weakness)
  },
}

/** Whether a function returns a number, so that it can return an error. */
function returnsNumber(symbol: string, { btf }: KernelView): boolean {
  const returned = btf.prototype(symbol)?.returnTypeId ?? 0
  return returned !== 0 && btf.kind(btf.resolve(returned)) === 'int'
}
