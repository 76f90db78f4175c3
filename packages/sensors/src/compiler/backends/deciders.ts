import { fmodRet, overridableKprobe } from '@tetragon-ts/ebpf/lang'
import {
  type Backend,
  type HookPlan,
  type HookTarget,
  isFunction,
  type KernelView,
} from './backend.ts'
import { fentryBackend } from './fentry.ts'
import { kprobeBackend } from './kprobe.ts'
import { hookOf, lsmBackend, planCaller } from './lsm.ts'
import { byKernel, byPolicy, isRefusal, type Refusal } from './refusal.ts'

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
    ? { ...plan, decides: 'lsm' }
    : byKernel(`the LSM hook ${shown} returns no error`)
}

/** Why fmod_ret is weak on a kernel with preemption. */
const skipped = {
  short: 'can be skipped',
  text: 'this kernel skips it while a preempted task is in it on the same CPU',
}

/**
 * Trampolines that replace the result of a function (BPF_MODIFY_RETURN, Linux 5.7): `security_…`,
 * and where the kernel has function error injection those that allow it.
 */
export const fmodRetDecider: Backend = {
  name: 'fmod_ret',
  alone: true,
  plan(target, kernel) {
    if (target.method !== undefined && target.method !== 'fmod-ret') {
      return byPolicy(`the policy requires ${target.method}`)
    }
    if (target.section === 'lsmhooks') {
      return planCaller(fmodRetDecider, target, kernel)
    }
    if (!isFunction(target)) return byPolicy('only for functions')
    const refused = kernel.refuses('fmod_ret')
    if (refused) return refused
    const [{ shown, symbol }] = target.functions
    if (!symbol.startsWith('security_') && !kernel.hasSymbol('within_error_injection_list')) {
      const reason = 'without function error injection the kernel allows only security_…'
      return byKernel(`${reason}, not ${shown}`)
    }
    if (!returnsNumber(symbol, kernel)) return byKernel(`${shown} returns no error`)
    const isWeak = kernel.preemptsPrograms
    if (isWeak && target.method !== 'fmod-ret') {
      return byKernel(`${skipped.text}; to permit that, set override-method to fmod-ret`)
    }
    const plan = fentryBackend.plan(target, kernel)
    if (isRefusal(plan)) return plan
    return {
      ...plan,
      backend: 'fmod_ret',
      why: 'its result takes the place of that of the function',
      decides: 'fmod_ret',
      ...(isWeak && { weakness: skipped }),
      enter: plan.enter.map((placement) => ({ ...placement, hook: fmodRet(symbol) })),
      // A decision cannot wait for the return.
      late: [],
      parametersAtReturn: false,
    }
  },
}

/** Why breakpoints are weak there. */
const skippedInMaps = {
  short: 'can be skipped',
  text: 'this kernel skips it while a task of the CPU is preempted in an operation on a BPF map',
}

/**
 * Breakpoints that return to the caller of the function at once (bpf_override_return, Linux 4.16),
 * in kernels with function error injection for kprobes.
 */
export const overrideReturnDecider: Backend = {
  name: 'override_return',
  alone: true,
  plan(target, kernel) {
    const { method, functions } = target
    if (method !== undefined && method !== 'override-return') {
      return byPolicy(`the policy requires ${method}`)
    }
    const refused = kernel.refuses('override_return')
    if (refused) return refused
    const isWeak = kernel.preemptsPrograms
    if (isWeak && method === undefined) {
      return byKernel(
        `${skippedInMaps.text}; to permit that, set override-method to override-return`,
      )
    }
    const plan = kprobeBackend.plan(target, kernel)
    if (isRefusal(plan)) return plan
    const [{ symbol }] = functions
    return {
      ...plan,
      backend: 'override_return',
      why: 'a breakpoint that returns to the caller',
      decides: 'override_return',
      ...(isWeak && { weakness: skippedInMaps }),
      enter: plan.enter.map((placement) => ({ ...placement, hook: overridableKprobe(symbol) })),
      // A decision cannot wait for the return.
      late: [],
    }
  },
}

/** Whether a function returns a number, so that it can return an error. */
function returnsNumber(symbol: string, { btf }: KernelView): boolean {
  const returned = btf.prototype(symbol)?.returnTypeId ?? 0
  return returned !== 0 && btf.kind(btf.resolve(returned)) === 'int'
}
